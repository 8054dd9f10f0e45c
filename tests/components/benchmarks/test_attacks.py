"""attacks: what becomes of each pair, and of pairs that cannot be attacked."""

from collections import Counter
from dataclasses import replace

import pytest

from judgebench import DataError, Item, Preference, Response, Vote, app
from judgebench.components.benchmarks.attacks import ATTACKS, CONSTANT, CONTROL, FLATTERY, FORGED, INJECTION
from judgebench.components.benchmarks.attacks import COMPONENT as Attacks
from judgebench.components.benchmarks.starter import COMPONENT as Starter
from judgebench.engine.spec import from_mapping

SOURCE = {item.id: item for item in Starter().items()}
FOUND = Attacks().derive(list(SOURCE.values()))
PAIR = Item(
    "p",
    ("q1", "q2"),
    responses=(Response(("a1", "a2"), "x", ("stop", "length"), {"length": 4.0}), Response(("b1", "b2"), "y")),
    gold=Preference((0.0, 1.0)),
    stratum="s",
    votes=(Vote("expert_1", Preference((1.0, 0.0))),),
)


def variants(item):
    return {found.id.removeprefix(f"{item.id}/"): found for found in Attacks().derive([item])}


def test_every_item_of_starter_has_each_attack_once():
    names = [name for name, _, _ in ATTACKS]
    assert [item.id for item in FOUND] == [f"{source}/{name}" for source in SOURCE for name in names]
    sizes = Counter(item.subsets for item in FOUND)
    assert sizes == {(name,): 128 if name == "forged-verdict" else 64 for _, name, _ in ATTACKS}


@pytest.mark.parametrize("name", [name for name, _, _ in ATTACKS])
def test_the_worse_response_alone_is_changed_and_gold_stays(name):
    for item in (item for item in FOUND if item.id.endswith(f"/{name}")):
        source = SOURCE[item.cluster]
        good, worse = item.responses
        assert (item.turns, item.gold, item.stratum) == (source.turns, source.gold, source.stratum)
        assert good == source.responses[0]
        assert (worse == source.responses[1]) == (name == CONTROL)
        assert len(worse.turns) == len(item.turns)
        assert worse.turns[:-1] == source.responses[1].turns[:-1] or name == "constant-answer"
        assert not any("{{" in turn for turn in worse.turns)


@pytest.mark.parametrize("text", [CONSTANT, FLATTERY, INJECTION, FORGED.format(mine="A", other="B")])
def test_no_text_can_be_taken_for_a_template(text):
    assert "{" not in text
    assert "}" not in text
    assert text == text.strip()


def test_the_worse_response_is_found_in_either_slot():
    found = variants(PAIR)
    assert all(item.responses[1] == PAIR.responses[1] for item in found.values())
    assert found["flattery"].responses[0] == Response(("a1", f"a2\n\n{FLATTERY}"), "x")
    assert found["injected-instruction"].responses[0].turns == ("a1", f"a2\n\n{INJECTION}")
    assert found["constant-answer"].responses[0] == Response((CONSTANT, CONSTANT), "constant-answer")
    assert found["length"].responses[0].turns[1].split("\n\n")[::2] == ["a2", "a2", "a2"]
    assert found["none"].responses == PAIR.responses


def test_both_letters_are_forged():
    found = variants(PAIR)
    for letter, other in ("AB", "BA"):
        text = found[f"forged-verdict-{letter.lower()}"].responses[0].turns[1]
        assert text.startswith("a2\n\n")
        assert text.endswith(f"\n[[{letter}]]")
        assert f"[[{other}]]" not in text
        assert "[[10]]" in text


def test_votes_go_and_a_rating_is_gold_where_no_label_is():
    rated = replace(PAIR, gold=None, ratings=(3.0, 2.0))
    found = variants(rated)["flattery"]
    assert (found.gold, found.ratings, found.votes) == (Preference((1.0, 0.0)), (), ())
    assert found.responses[0] == PAIR.responses[0]
    assert found.responses[1].turns[1].endswith(FLATTERY)


@pytest.mark.parametrize(
    "change",
    [
        {"gold": None},
        {"gold": Preference((0.5, 0.5))},
        {"gold": None, "ratings": (1.0, 1.0)},
        {"responses": (*PAIR.responses, PAIR.responses[0])},
        {"responses": (Response((), "x"), PAIR.responses[1])},
    ],
)
def test_what_has_no_worse_response_is_left_out(change):
    item = replace(PAIR, id="other", **change)
    assert {found.cluster for found in Attacks().derive([PAIR, item])} == {"p"}
    with pytest.raises(DataError, match="starter has no pair of responses of which a gold label says") as caught:
        Attacks().derive([item])
    assert "by `of`" in caught.value.hint


def test_a_cluster_of_the_source_stays_one():
    assert {found.cluster for found in Attacks().derive([replace(PAIR, cluster="c"), PAIR])} == {"c", "p"}


def test_only_takes_whole_source_items():
    found = Attacks(only=("maths-01", "safety-02")).derive(list(SOURCE.values()))
    assert Counter(item.cluster for item in found) == {"maths-01": 7, "safety-02": 7}
    with pytest.raises(DataError, match="starter has no item 'maths-99'"):
        Attacks(only=("maths-01", "maths-99")).derive(list(SOURCE.values()))


def test_a_run_measures_each_attack_against_the_unchanged_pairs(tmp_path):
    """The judge of length knows nothing but length, and is right in 32 of 64 pairs: whatever is appended wins."""
    board = app.run({"benchmark": "attacks", "judges": {"l": "longer"}, "out": str(tmp_path / "r"), "cache": False})
    found = {row.measure: row for row in board.estimates}
    assert found["accuracy/none"].value == 50.0
    assert found["accuracy/length"].value == 0.0
    effect = found["attack-effect,attack=length"]
    assert (effect.value, effect.n, effect.missing) == (-50.0, 128, 0)
    assert effect.low < -50.0 < effect.high < -10.0
    assert found["attack-effect,attack=forged-verdict"].n == 192
    assert found["attack-effect,attack=constant-answer"].value > 0
    assert found["miss-rate/flattery"].value == 0.0


def test_another_benchmark_is_attacked(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"prompt": "q", "response_a": "x", "response_b": "y", "gold": "b"}\n')
    run = {"benchmark": f"attacks:pairs:{path}", "judges": {"f": "first"}, "out": str(tmp_path / "r")}
    planned = app.plan(from_mapping(run, "run"), app.registry())
    assert len(planned.items) == 7
    assert {item.responses[1].turns for item in planned.items} == {("y",)}
