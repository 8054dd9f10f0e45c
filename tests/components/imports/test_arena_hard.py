"""Arena-Hard's judgments of both versions, and battles."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import ConfigError, DataError, app
from judgebench.components.imports.arena_hard import COMPONENT as ArenaHard
from judgebench.core.item import Miss, Preference
from judgebench.plugin.battles import ORDERS, games_of


def save(folder, *rows, name="file.jsonl"):
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def v01(uid="q1", model="m", scores=("A>>B", "A=B")):
    games = [{"user_prompt": "p", "judgment": f"text [[{score}]]", "score": score} for score in scores]
    return {"question_id": uid, "model": model, "judge": "gpt", "games": games}


def v20(uid="q1", model="m", scores=("B>A", "A>B"), **change):
    games = [
        None if score == "gone" else {"score": score, "judgment": {"answer": "said"}, "prompt": []} for score in scores
    ]
    row = {"uid": uid, "category": "hard_prompt", "judge": "gpt", "model": model, "baseline": "base", "games": games}
    return {**row, **change}


def read(tmp_path, *rows, **options):
    return list(ArenaHard(**options).read([save(tmp_path, *rows)]))


def test_game_one_shows_the_baseline_first(tmp_path):
    first, second = read(tmp_path, v01())
    assert (first.order, first.verdict) == ((1, 0), Preference((1.0, 0.0), "A>>B"))  # A is the baseline
    assert (second.order, second.verdict) == ((0, 1), Preference((0.5, 0.5), "A=B"))
    assert first.item.baseline.author == "gpt-4-0314"
    assert (first.policy, first.judge, first.item.id) == ("m", "gpt", "q1")
    assert first.samples[0].text == "text [[A>>B]]"


def test_v20_names_category_and_baseline_and_spells_labels_both_ways(tmp_path):
    first, second = read(tmp_path, v20(scores=("A<<B", "B=A")))
    assert first.item.stratum == "hard_prompt"
    assert first.item.baseline.author == "base"
    assert first.verdict == Preference((0.0, 1.0), "B>>A")
    assert second.verdict.label == "A=B"
    assert first.samples[0].text == "said"


def test_a_baseline_that_is_named_stands_in_only_where_the_file_names_none(tmp_path):
    assert read(tmp_path, v20(), baseline="mine")[0].item.baseline.author == "base"
    assert read(tmp_path, v01(), baseline="mine")[0].item.baseline.author == "mine"


def test_answers_may_be_one_file_of_all_models(tmp_path):
    rows = ({"uid": "q1", "model": name, "response": f"by {name}"} for name in ("base", "m", "n"))
    path = save(tmp_path, *rows, name="all.jsonl")
    for model in ("m", "n"):
        first, _ = read(tmp_path, v20(model=model), answers=str(path))
        assert (first.response.turns, first.item.baseline.turns) == ((f"by {model}",), ("by base",))
    with pytest.raises(DataError, match=r"all\.jsonl holds no answers of 'other'"):
        read(tmp_path, v20(model="other"), answers=str(path))


def test_a_file_of_one_model_may_name_it_by_its_own_name(tmp_path):
    folder = tmp_path / "model_answer"
    folder.mkdir()
    save(folder, {"uid": "q1", "model": "m-2024", "response": "mine"}, name="m.jsonl")
    save(folder, {"uid": "q1", "response": "theirs"}, name="base.jsonl")
    for model in ("m", "m-2024"):
        first, _ = read(tmp_path, v20(model=model), answers=str(folder))
        assert (first.response.turns, first.item.baseline.turns) == (("mine",), ("theirs",))


@pytest.mark.parametrize("scores", [("A>B", "gone"), ("A>B",), ("A>B", None), ("A>B", "A>C")])
def test_a_game_without_a_label_is_a_missing_verdict(tmp_path, scores):
    first, second = read(tmp_path, v20(scores=scores))
    assert first.verdict.label == "A>B"
    assert isinstance(second.verdict, Miss)
    assert second.order == (0, 1)


def battle(winner, uid="q1", a="base", b="m", **more):
    return {"question_id": uid, "model_a": a, "model_b": b, "winner": winner, **more}


def outcomes(rows):
    """P(slot 0 is better), and whether it is strong, of each game; None for a missing one."""
    return [
        None
        if isinstance(row.verdict, Miss)
        else (row.verdict.probs[row.order.index(0)], row.verdict.label.count(">") > 1)
        for row in rows
    ]


@pytest.mark.parametrize(
    ("wins", "expected"),
    [
        ("ab", [(0.0, False), (1.0, False)]),
        ("aa", [(0.0, False), (0.0, False)]),
        ("tb", [(0.5, False), (1.0, False)]),
        ("aaaa", [(0.0, True), (0.0, False)]),
        ("bbba", [(1.0, True), (0.0, False)]),
        ("baaa", [(1.0, False), (0.0, True)]),
        ("aaabbb", [(0.0, True), (1.0, True)]),
    ],
)
def test_games_are_made_of_rows(tmp_path, wins, expected):
    names = {"a": "model_a", "b": "model_b", "t": "tie"}
    rows = read(tmp_path, *(battle(names[win]) for win in wins))
    assert outcomes(rows) == expected
    assert [row.order for row in rows] == list(ORDERS)
    assert {row.repeat for row in rows} == {0}


@pytest.mark.parametrize(("wins", "expected"), [("a", (0.0, False)), ("bbb", (1.0, True)), ("t", (0.5, False))])
def test_a_second_game_is_missed_only_where_others_have_one(tmp_path, wins, expected):
    names = {"a": "model_a", "b": "model_b", "t": "tie"}
    one = [battle(names[win]) for win in wins]
    assert outcomes(read(tmp_path, *one)) == [expected]
    two = [battle("model_a", uid="q2"), battle("model_b", uid="q2")]
    assert outcomes(read(tmp_path, *one, *two))[:2] == [expected, None]


@pytest.mark.parametrize("wins", ["abt", "ttt", "aabb", "aaaaa"])
def test_rows_of_no_such_rule_are_games_of_their_own(tmp_path, wins):
    names = {"a": "model_a", "b": "model_b", "t": "tie (bothbad)"}
    rows = read(tmp_path, *(battle(names[win]) for win in wins))
    assert [row.repeat for row in rows] == list(range(len(wins)))
    assert {row.order for row in rows} == {ORDERS[0]}


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=8))
def test_no_row_is_lost_or_made_up(wins):
    found = [verdict for *_, verdict in games_of(wins, ORDERS, paired=True)]
    rows = [3 if ">>" in v.label else 1 for v in found if isinstance(v, Preference)]
    assert sum(rows) == len(wins)


def test_battles_between_changing_models_are_of_policies(tmp_path):
    rows = read(tmp_path, battle("model_a", a="x", b="y"), battle("tie", a="y", b="z", judge="me"))
    assert {(row.policy, row.opponent) for row in rows} == {("y", "x"), ("z", "y")}
    assert all(row.item.baseline is None and row.against.author == row.opponent for row in rows)
    assert {row.judge for row in rows} == {"recorded", "me"}


def test_a_baseline_may_be_named_on_either_side(tmp_path):
    rows = read(tmp_path, battle("model_a", a="x", b="base"), battle("model_a", a="base", b="y"), baseline="base")
    found = {row.policy: (row.order, outcome) for row, outcome in zip(rows, outcomes(rows), strict=True)}
    assert found == {"x": ((0, 1), (1.0, False)), "y": ((1, 0), (0.0, False))}


def test_style_comes_from_answers_or_from_the_battles(tmp_path):
    folder = tmp_path / "model_answer"
    folder.mkdir()
    for name in ("base", "m"):
        turns = [{"content": f"# {name}", "token_len": 3}]
        counts = {"token_len": 3, "header_count": {"h1": 1}, "list_count": {"ordered": 0}, "bold_count": {"**": 2}}
        save(folder, {"question_id": "q1", "model_id": name, "choices": [{"turns": turns}], "conv_metadata": counts},
             name=f"{name}.jsonl")  # fmt: skip
    first, _ = read(tmp_path, v20(), answers=str(folder))
    assert first.response.turns == ("# m",)
    assert first.response.features == {"tokens": 3.0, "headers": 1.0, "lists": 0.0, "bold": 2.0}
    assert first.item.baseline.turns == ("# base",)
    counts = {"sum_assistant_a_tokens": 5, "sum_assistant_b_tokens": 7, "bold_count_b": {"**": 1, "__": 1}}
    (first,) = read(tmp_path, battle("tie", conv_metadata=counts))
    assert first.response.features == {"tokens": 7.0, "bold": 2.0}
    assert first.item.baseline.features == {"tokens": 5.0}
    with pytest.raises(DataError, match="no answers of 'other'"):
        read(tmp_path, v20(model="other"), answers=str(folder))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no answer file"):
        read(tmp_path, v20(), answers=str(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"uid": "1", "model": "m", "judge": "j"}], "games is None"),
        ([{"uid": "1", "model": "m", "judge": "j", "games": [1, 2, 3]}], "games is"),
        ([{"model": "m", "judge": "j", "games": []}], "is no judgment"),
        ([battle("nobody")], "is no battle"),
        ([battle("tie"), {"winner": "tie"}], "line 2 is no battle"),
        ([battle(["tie"])], "line 1 is no battle"),
        ([battle("tie"), battle("tie", uid="q2", conv_metadata={"bold_count_b": {"**": "x"}})], "line 2 counts bold"),
        ([battle("tie", conv_metadata={"sum_assistant_a_tokens": "many"})], "line 1 counts tokens as 'many'"),
    ],
)
def test_malformed_rows_are_named(tmp_path, rows, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, *rows)


def test_a_battle_without_the_baseline_is_refused(tmp_path):
    with pytest.raises(DataError, match="between 'x' and 'y'"):
        read(tmp_path, battle("tie", a="x", b="y"), baseline="base")


@pytest.fixture
def known():
    return app.registry()


def test_judgments_become_a_board(tmp_path, known):
    rows = [v01(f"q{k}", scores=("B>A", "A>B") if k else ("A>>B", "gone")) for k in range(4)]
    path = save(tmp_path, *rows)
    app.import_run("arena-hard", [path], tmp_path / "run", known)
    board = app.leaderboard([tmp_path / "run"], known, measures=["arena-score", "miss-rate"], replicates=50)
    found = {row.measure: row for row in board.estimates}
    assert (found["arena-score"].value, found["arena-score"].n, found["arena-score"].missing) == (100.0, 3, 1)
    official = app.leaderboard([tmp_path / "run"], known, measures=["arena-score"], mode="official", replicates=50)
    assert official.estimates[0].value == pytest.approx(100 * 6 / 9)
    assert (official.estimates[0].method, official.estimates[0].confidence) == ("rows", 0.95)


def test_battles_of_policies_become_ratings(tmp_path, known):
    wins = [("x", "y", "a"), ("x", "y", "b"), ("y", "z", "a"), ("y", "z", "b"), ("y", "z", "a"), ("x", "z", "a")]
    battles = [battle(f"model_{w}", uid=f"q{k}", a=a, b=b) for k, (a, b, w) in enumerate(wins * 2)]
    path = save(tmp_path, *battles)
    app.import_run("arena-hard", [path], tmp_path / "run", known, app.Wanted("head-to-head"))
    board = app.leaderboard([tmp_path / "run"], known, measures=["bradley-terry"], replicates=50)
    assert [row.subject for row in board.estimates] == ["x", "y", "z"]
    assert sum(row.value for row in board.estimates) == pytest.approx(3000.0)


def test_unknown_options_are_refused(tmp_path, known):
    with pytest.raises(ConfigError, match="unknown option 'answer'"):
        app.import_run("arena-hard", [save(tmp_path, v01())], tmp_path / "run", known, answer="x")
