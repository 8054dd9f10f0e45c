"""What a board says beside its numbers: bounds, who has no estimate and why, who covers other items."""

import csv
import json

import pytest

from judgebench import app
from judgebench.core.errors import ConfigError
from judgebench.engine.remarks import Remark, in_words

FEW = {"replicates": 200, "interval": "percentile"}


@pytest.fixture(scope="module")
def known():
    return app.registry()


def notes(board):
    return board.provenance["runs"][0]["notes"]


def battles(folder, known, outcomes):
    """A head-to-head board of (question, a, b, winner: a, b or tie)."""
    winner = {"a": "model_a", "b": "model_b", "tie": "tie"}
    rows = [{"question_id": q, "model_a": a, "model_b": b, "winner": winner[w]} for q, a, b, w in outcomes]
    path = folder / "battles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    # whoever is first in every row would be the baseline of all
    app.import_run("arena-hard", [path], folder / "run", known, app.Wanted("head-to-head"))
    board = app.leaderboard([folder / "run"], known, measures=["bradley-terry"], **FEW)
    return {row.subject: row for row in board.estimates}, board


def turned(winner):
    """Both games of a question, the models' sides changed."""
    other = {"a": "b", "b": "a", "tie": "tie"}[winner]
    return ("x", "y", winner), ("y", "x", other)


def one_sided(winner, questions=20):
    return [(f"q{k}", *game) for k in range(questions) for game in turned(winner)]


def test_who_wins_everything_is_shown_as_a_bound(tmp_path, known):
    found, board = battles(tmp_path, known, one_sided("a"))
    x, y = found["x"], found["y"]
    assert (x.method, y.method) == ("at least", "at most")
    assert x.low < x.value
    assert y.high > y.value
    assert 1000 < x.low < 1300
    assert x.low - 1000 == pytest.approx(1000 - y.high)
    text = " ".join(app.render(board, "markdown", known).split())
    assert f"≥ {x.value:.1f} | ≥ {x.low:.1f} (b)" in text
    assert f"≤ {y.value:.1f} | ≤ {y.high:.1f} (b)" in text
    assert f"| ≥ +{x.value - y.value:.1f} (≥ +{2 * (x.low - 1000):.1f}) *" in text
    said = "x, y: bradley-terry: ratings are bounds, since somebody won or lost everything"
    assert [note for note in notes(board) if note.startswith(said)]
    assert "(b): ratings that resampling cannot move" in text


def test_one_question_separates_nobody(tmp_path, known):
    _, board = battles(tmp_path, known, one_sided("a", 2))
    (pair,) = board.comparisons
    assert pair.p_adjusted == 0.5
    assert pair.low < 0 < pair.difference
    assert "*" not in app.render(board, "markdown", known).split("(b)")[0]


def test_nothing_but_ties_has_an_interval_and_no_star(tmp_path, known):
    found, board = battles(tmp_path, known, one_sided("tie"))
    assert {row.method for row in found.values()} == {"limits"}
    assert all(row.value == 1000 and row.low < 950 and row.high > 1050 for row in found.values())
    (pair,) = board.comparisons
    assert pair.low < 0 < pair.high
    assert pair.p_adjusted == 1.0
    assert not [note for note in notes(board) if "bounds" in note]


def test_ratings_that_vary_have_resampled_intervals(tmp_path, known):
    rows = [(f"q{k}", *game) for k in range(20) for game in turned("ab"[k % 3 == 0])]
    found, board = battles(tmp_path, known, rows)
    assert {row.method for row in found.values()} == {"percentile"}
    assert not notes(board) or all("bradley-terry" not in note for note in notes(board) if "few" not in note)


def table(folder, known, rows, benchmark="starter", **inference):
    """The board of a verdict table: rows of (item, subject, preference), further columns by name."""
    path = folder / "rows.csv"
    columns = ["item", "judge", "subject", "opponent", "preference", "category"]
    columns += [key for row in rows[:1] for key in row if key not in columns]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows({"judge": "j", "opponent": "base", **row} for row in rows)
    measures = inference.pop("measures", ("win-rate",))
    app.import_run("table", [path], folder / "run", known, app.Wanted(benchmark, measures=tuple(measures)))
    return app.leaderboard([folder / "run"], known, **{**FEW, **inference})


def cells(subject, items, preference="", **more):
    return [
        {"item": item, "subject": subject, "preference": preference or float(k % 2), **more}
        for k, item in enumerate(items)
    ]


ITEMS = [f"i{k}" for k in range(6)]


def test_who_vanishes_from_a_table_is_named(tmp_path, known):
    empty = [{**row, "preference": ""} for name in ("b", "c") for row in cells(name, ITEMS)]
    board = table(tmp_path, known, cells("a", ITEMS) + empty)
    assert [row.subject for row in board.estimates] == ["a"]
    assert "b, c: win-rate: no estimate: all 6 that were planned are missing" in notes(board)


def test_a_table_with_everybody_says_nothing(tmp_path, known):
    board = table(tmp_path, known, cells("a", ITEMS) + cells("b", ITEMS))
    assert not [note for note in notes(board) if "estimate" in note or "same items" in note]


def test_nobody_is_named_where_all_is_missing(tmp_path, known):
    rows = [{**row, "preference": ""} for row in cells("a", ITEMS)]
    board = table(tmp_path, known, rows)
    assert notes(board) == ["6 verdicts of j are missing: no verdict is recorded"]


def test_subjects_on_other_items_are_told(tmp_path, known):
    rows = cells("a", ITEMS[:3]) + [row for name in "bcdef" for row in cells(name, ITEMS)]
    board = table(tmp_path, known, rows, measures=("win-rate", "wins"))
    assert "win-rate, wins: not all on the same items: a (3); all others (6)" in notes(board)


def test_as_many_other_items_are_told_too(tmp_path, known):
    board = table(tmp_path, known, cells("a", ITEMS[:3]) + cells("b", ITEMS[3:]))
    assert "win-rate: not all on the same items: a (3); b (3 others)" in notes(board)


def test_judges_with_a_limit_are_told_once_for_all_measures(tmp_path, known):
    pairs = [{"item": i, "judge": j, "gold": "a", "label": "A>B"} for j in ("j", "k") for i in ITEMS]
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(pairs[0]))
        writer.writeheader()
        writer.writerows(row for row in pairs if row["judge"] == "j" or row["item"] in ITEMS[:2])
    app.import_run("table", [path], tmp_path / "run", known, app.Wanted("pairs:x", measures=("accuracy", "miss-rate")))
    board = app.leaderboard([tmp_path / "run"], known, **FEW)
    assert "accuracy, miss-rate: not all on the same items: k (2); j (6)" in notes(board)


def test_style_that_is_unknown_is_said_and_not_that_all_is_missing(tmp_path, known):
    board = table(tmp_path, known, cells("a", ITEMS) + cells("b", ITEMS), measures=("arena-score", "arena-score-style"))
    text = "the style of both answers is not known, neither by texts nor by counts"
    assert f"arena-score-style: no estimate: {text}" in notes(board)
    named = app.leaderboard([tmp_path / "run"], known, measures=["arena-score-style"], **FEW)
    assert f"arena-score-style: no estimate: {text}" in notes(named)
    assert not [note for note in notes(named) if "no data" in note or "missing" in note]


def test_a_policy_without_style_is_named_beside_those_with(tmp_path, known):
    counts = {f"{side}.{name}": 7 + k for k, name in enumerate(("tokens", "headers", "lists", "bold"))
              for side in ("response", "opponent")}  # fmt: skip
    base = {name: count for name, count in counts.items() if name.startswith("opponent")}
    rows = cells("a", ITEMS, **counts) + [row for name in "bc" for row in cells(name, ITEMS, **base)]
    board = table(tmp_path, known, rows, measures=("arena-score-style",))
    assert [row.subject for row in board.estimates] == ["a"]
    said = [
        note
        for note in notes(board)
        if note.startswith("b, c: arena-score-style: no estimate: the style of its answers")
    ]
    assert len(said) == 1


def test_official_scores_over_several_categories_say_which_option_to_take(tmp_path, known):
    rows = [row for c in "xy" for row in cells("a", [f"{c}{i}" for i in ITEMS], category=c)]
    board = table(tmp_path, known, rows, mode="official", measures=("arena-score", "arena-score/*"))
    assert [row.measure for row in board.estimates] == ["arena-score/x", "arena-score/y"]
    assert [note for note in notes(board) if note.startswith("arena-score: no estimate: the official code has a table")]


def test_each_part_of_a_benchmark_without_parts_is_the_whole(tmp_path, known):
    board = table(tmp_path, known, cells("a", ITEMS), measures=("win-rate/*",))
    assert [row.measure for row in board.estimates] == ["win-rate"]


def test_what_is_true_of_all_parts_is_said_once():
    said = [
        Remark("accuracy/x", "ties count"),
        Remark("accuracy/y", "ties count"),
        Remark("accuracy/x", "few", "b"),
        Remark("accuracy/x", "few", "c"),
        Remark("ratio:v/z,k=1", "odd"),
        Remark(None, "by itself", "a"),
    ]
    assert list(in_words(said)) == [
        "accuracy: ties count",
        "b, c: accuracy/x: few",
        "ratio:v/z,k=1: odd",
        "a: by itself",
    ]


def test_an_unknown_measure_of_a_part_is_still_an_error(tmp_path, known):
    with pytest.raises(ConfigError, match="no measure 'nothing'"):
        table(tmp_path, known, cells("a", ITEMS), measures=("nothing/*",))
