"""Arena-Hard's judgments of both versions, and battles."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import ConfigError, DataError, app
from judgebench.components.imports.arena_hard import COMPONENT as ArenaHard
from judgebench.core.item import Miss, Preference
from judgebench.forms.battles import ORDERS, games_of


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


def test_the_benchmark_is_told_by_the_form_of_the_file(tmp_path):
    reader = ArenaHard()
    assert reader.about([save(tmp_path, v01())]) == "arena-hard-v0.1"
    assert reader.about([save(tmp_path, battle("tie"))]) == "arena-hard-v0.1"
    assert reader.about([save(tmp_path, v20(), v20(category="creative_writing"))]) == "arena-hard-v2.0"
    assert reader.about([save(tmp_path, v20(category="arena-hard-v0.1"))]) == "arena-hard-v0.1"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([v20(), v20(category="poetry")], "line 2 is of category 'poetry'"),
        ([v20(category=None)], "line 1 does not name its category"),
        ([v20(category=3)], "line 1 is of category 3"),
    ],
)
def test_a_form_that_is_not_known_asks_for_the_benchmark(tmp_path, known, rows, message):
    path = save(tmp_path, *rows)
    with pytest.raises(ConfigError, match=message) as caught:
        app.import_run("arena-hard", [path], tmp_path / "run", known)
    assert "--benchmark" in caught.value.hint
    assert not (tmp_path / "run").exists()


def test_files_of_two_benchmarks_are_refused(tmp_path, known):
    paths = [save(tmp_path, v01(), name="old.jsonl"), save(tmp_path, v20(), name="new.jsonl")]
    with pytest.raises(
        ConfigError, match=r"old\.jsonl.* about arena-hard-v0\.1 and .*new\.jsonl.* v2\.0|two benchmarks"
    ):
        app.import_run("arena-hard", paths, tmp_path / "run", known)


def test_a_judgment_without_a_baseline_has_that_of_its_category(tmp_path):
    rows = [v20(baseline=None), v20("q2", baseline=None, category="creative_writing"), v01("q3")]
    found = {row.item.id: row.item.baseline.author for row in read(tmp_path, *rows)}
    assert found == {"q1": "o3-mini-2025-01-31", "q2": "gemini-2.0-flash-001", "q3": "gpt-4-0314"}


BASELINES = {"hard_prompt": "o3-mini-2025-01-31", "creative_writing": "gemini-2.0-flash-001"}


def both_categories(folder):
    """`m` wins 2 of 4 hard and all of 2 creative prompts; either baseline plays on the other's prompts, and its own."""
    rows = []
    for category, items in (("hard_prompt", "abcd"), ("creative_writing", "ef")):
        for model in ("m", *BASELINES.values()):
            for uid in items:
                won = uid in "abef" if model == "m" else True
                scores = ("B>A", "A>B") if won else ("A>B", "B>A")
                if model == BASELINES[category]:
                    scores = ("A=B", "A>B")
                rows.append(v20(uid, model, scores, category=category, baseline=BASELINES[category]))
    return save(folder, *rows)


def scores(folder, known, **inference):
    board = app.leaderboard([folder], known, replicates=50, **inference)
    found = {(row.measure, row.subject): (row.value, row.n) for row in board.estimates if "style" not in row.measure}
    return found, board.provenance["runs"][0]["notes"]


def test_both_categories_have_tables_of_their_own(tmp_path, known):
    app.import_run("arena-hard", [both_categories(tmp_path)], tmp_path / "run", known)
    found, notes = scores(tmp_path / "run", known)
    hard, creative = "arena-score/hard_prompt", "arena-score/creative_writing"
    assert found[hard, "m"] == (50.0, 4)
    assert found[creative, "m"] == (100.0, 2)
    assert found[hard, "gemini-2.0-flash-001"] == (100.0, 4)
    assert found[creative, "o3-mini-2025-01-31"] == (100.0, 2)
    assert (hard, "o3-mini-2025-01-31") not in found
    assert not [name for name, _ in found if name in ("arena-score", "win-rate")]
    assert not [note for note in notes if "same items" in note]
    official, _ = scores(tmp_path / "run", known, mode="official")
    assert official[hard, "gemini-2.0-flash-001"] == (100.0, 4)
    assert official[hard, "o3-mini-2025-01-31"] == (50.0, 4)


def test_a_score_over_both_says_that_its_subjects_cover_other_prompts(tmp_path, known):
    app.import_run("arena-hard", [both_categories(tmp_path)], tmp_path / "run", known)
    found, notes = scores(tmp_path / "run", known, measures=["arena-score"])
    assert found["arena-score", "o3-mini-2025-01-31"] == (100.0, 2)  # and not pulled to 50 by its own prompts
    said = "arena-score: not all on the same items: o3-mini-2025-01-31 (2); gemini-2.0-flash-001 (4); m (6)"
    assert said in notes
    official, notes = scores(tmp_path / "run", known, measures=["arena-score"], mode="official")
    assert not official
    assert [note for note in notes if "--measure arena-score/creative_writing, or arena-score/* for all" in note]


def test_one_category_of_a_file_is_taken_alone(tmp_path, known):
    path = both_categories(tmp_path)
    wanted = app.Wanted("arena-hard-v2.0,category=hard_prompt")
    app.import_run("arena-hard", [path], tmp_path / "run", known, wanted)
    found, _ = scores(tmp_path / "run", known)
    assert found["arena-score/hard_prompt", "m"] == (50.0, 4)
    assert not [name for name, _ in found if "creative" in name]
    with pytest.raises(DataError, match="nothing to import") as caught:
        app.import_run("arena-hard", [save(tmp_path, v20(category="creative_writing"))], tmp_path / "x", known, wanted)
    assert "all 2 verdicts are about items that the benchmark's options leave out" in caught.value.hint
    with pytest.raises(DataError, match="prompt 'q1' names no category"):
        app.import_run("arena-hard", [save(tmp_path, v20(category=None))], tmp_path / "x", known, wanted)


def test_one_category_is_taken_of_the_benchmarks_own_items(tmp_path, known):
    path = both_categories(tmp_path)
    data = tmp_path / "mirror/lmarena-ai/arena-hard-auto/data/arena-hard-v2.0"
    (data / "model_answer").mkdir(parents=True)
    rows = [{"uid": u, "category": "hard_prompt" if u in "abcd" else "creative_writing", "prompt": u} for u in "abcdef"]
    save(data, *rows, name="question.jsonl")
    save(data / "model_answer", *({"uid": u, "response": "text"} for u in "abcdef"), name="o3-mini-2025-01-31.jsonl")
    wanted = app.Wanted("arena-hard-v2.0,category=hard_prompt", True, data_dir=str(tmp_path / "mirror"))
    app.import_run("arena-hard", [path], tmp_path / "run", known, wanted)
    found, _ = scores(tmp_path / "run", known)
    assert found["arena-score/hard_prompt", "m"] == (50.0, 4)
    assert not [name for name, _ in found if "creative" in name]


def test_judgments_come_from_the_hub_or_a_mirror_of_it(tmp_path, known, monkeypatch):
    monkeypatch.delenv("JUDGEBENCH_DATA", raising=False)
    place = tmp_path / "mirror/lmarena-ai/arena-hard-auto/data/arena-hard-v0.1/model_judgment/gpt"
    place.mkdir(parents=True)
    save(place, *(v01(f"q{k}") for k in range(3)), name="m.jsonl")
    file = "hub:lmarena-ai/arena-hard-auto/data/arena-hard-v0.1/model_judgment/gpt/m.jsonl"
    wanted = app.Wanted(data_dir=str(tmp_path / "mirror"))
    made = app.import_run("arena-hard", [Path(file)], tmp_path / "run", known, wanted)
    assert made.benchmark == "arena-hard-v0.1"
    (source,) = made.sources["m.jsonl"]
    assert source.startswith("lmarena-ai/arena-hard-auto (mirror) sha256:")
    with pytest.raises(DataError, match=r"other\.jsonl is not there"):
        app.import_run("arena-hard", [Path(file.replace("m.jsonl", "other.jsonl"))], tmp_path / "x", known, wanted)
    for bad in ("hub:", "hub:a/b", "hub:a/b/../c"):
        with pytest.raises(ConfigError, match="names no file of the hub") as caught:
            app.import_run("arena-hard", [Path(bad)], tmp_path / "x", known, wanted)
        assert caught.value.hint == "the form is hub:OWNER/NAME/FILE"
