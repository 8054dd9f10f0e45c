"""Comparisons of MT-Bench out of rows of votes, in whichever order they name the models."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import DataError, Preference, Vote
from judgebench.forms.mt_bench_votes import Comparison, gathered, item, said


def row(winner="model_a", a="alpha", b="beta", judge="expert_1", question=101, turn=1, **more):
    return {
        "question_id": question, "turn": turn, "model_a": a, "model_b": b, "winner": winner, "judge": judge, **more
    }  # fmt: skip


def talk(*texts):
    return [{"role": "user" if k % 2 == 0 else "assistant", "content": text} for k, text in enumerate(texts)]


def shown(turn=1, **more):
    """A row that names beta first, with both turns in both conversations."""
    return row(
        a="beta",
        b="alpha",
        turn=turn,
        conversation_a=talk("q1", "beta 1", "q2", "beta 2"),
        conversation_b=talk("q1", "alpha 1", "q2", "alpha 2"),
        **more,
    )


def read(*rows):
    return gathered(said(f"row {n}", one) for n, one in enumerate(rows, start=1))


@given(winner=st.sampled_from(["model_a", "model_b", "tie", "tie (inconsistent)"]))
def test_a_vote_is_turned_with_the_models(winner):
    straight, turned = said("", row(winner)), said("", row(winner, a="beta", b="alpha"))
    assert straight.comparison == turned.comparison == Comparison(101, 1, ("alpha", "beta"))
    assert straight.preference.probs == turned.preference.probs[::-1]
    assert straight.preference.label == turned.preference.label == (winner if "(" in winner else None)


def test_who_is_a_person_is_known_by_the_name():
    names = ("expert_17", "author_2", "gpt4_pair", "experts-model", "expert")
    assert [said("", row(judge=name)).is_vote for name in names] == [True, True, False, False, True]


@pytest.mark.parametrize(
    ("turn", "asked", "beta"), [(1, ("q1",), ("beta 1",)), (2, ("q1", "q2"), ("beta 1", "beta 2"))]
)
def test_an_item_holds_as_many_turns_as_were_compared(turn, asked, beta):
    ((comparison, found),) = read(shown(turn)).items()
    made = item(comparison, found, ("r1", "r2"))
    assert made.id == f"101-{turn}-alpha-beta"
    assert (made.turns, made.reference) == (asked, ("r1", "r2")[:turn])
    assert [response.author for response in made.responses] == ["alpha", "beta"]
    assert made.responses[1].turns == beta
    assert (made.cluster, made.stratum, made.subsets) == ("101", "reasoning", (f"turn-{turn}", "reasoning"))
    assert made.votes == (Vote("expert_1", Preference((0.0, 1.0))),)  # beta was model_a


def test_the_order_of_votes_makes_no_other_item():
    rows = [row(judge="expert_2"), row("tie", judge="author_0"), row("model_b", judge="expert_10")]
    made = [item(*next(iter(read(*order).items()))) for order in (rows, rows[::-1])]
    assert made[0] == made[1]
    assert [vote.voter for vote in made[0].votes] == ["author_0", "expert_10", "expert_2"]
    assert made[0].turns == made[0].responses[0].turns == ()


def test_a_voter_may_vote_twice_in_both_orders_as_the_data_have_it():
    (found,) = read(row("tie", judge="author_0"), row("tie", a="beta", b="alpha", judge="author_0")).values()
    assert len(found.votes) == 2


def test_a_question_of_another_benchmark_has_no_category():
    ((comparison, found),) = read(row(question=7)).items()
    assert (item(comparison, found).stratum, item(comparison, found).subsets) == ("", ("turn-1",))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("model_c")], "row 1: winner is 'model_c'"),
        ([row(None)], "row 1: winner is None"),
        ([row("error")], "row 1: winner is 'error'"),
        ([row(a="beta")], "row 1 compares 'beta' with itself"),
        ([row(a=None)], "row 1 names no two models"),
        ([row(), row("model_b")], "row 2 and row 1 are of one judge and comparison"),
        ([row(conversation_a=talk("q", "a"))], "row 1: conversation_b does not hold 1 turn of user"),
        ([{**shown(2), "conversation_a": talk("q1", "x")}], "row 1: conversation_a does not hold 2 turns of user"),
        ([{**shown(), "conversation_a": talk("q1", "x")[::-1]}], "row 1: conversation_a does not hold 1 turn of"),
        ([{**shown(), "conversation_a": talk("other", "x")}], "row 1: the two conversations ask different things"),
        ([shown(), {**shown(), "judge": "expert_2", "conversation_a": talk("q1", "x")}], "row 2 shows other texts"),
    ],
)
def test_bad_rows_are_named(rows, message):
    with pytest.raises(DataError, match=message):
        read(*rows)


def test_texts_are_needed_where_they_are_asked_for():
    with pytest.raises(DataError, match="row 1: conversation_a does not hold 1 turn"):
        said("row 1", row(), texts=True)


def test_a_judges_error_is_no_preference():
    assert said("row 1", row("error", judge="gpt")).preference is None
