"""RewardBench's and RewardBench 2's files of results, pair by pair."""

import gzip
import json
import math

import pytest

from judgebench import DataError, app
from judgebench.components.imports.rewardbench import RewardBench, RewardBench2
from judgebench.core.item import Miss, Preference, Score


def save(folder, name="model.json", **columns):
    path = folder / name
    path.write_text(json.dumps({"model": "org/judge", "model_type": "x", **columns}, indent=4))
    return path


def v1(folder, *rows, **change):
    """Rows of id, subset, results and both scores, where there are any."""
    names = ("id", "subset", "results", "scores_chosen", "scores_rejected")
    columns = {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=False)}
    return list(RewardBench().read([save(folder, **columns, **change)]))


def v2(folder, *rows):
    names = ("id", "subset", "num_correct", "results", "scores")
    return list(
        RewardBench2().read([save(folder, **dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))])
    )


def test_scores_are_the_verdict(tmp_path):
    first, second = v1(tmp_path, (3, "donotanswer", 1, 2.5, -1.0), (4, "math-prm", 0, [1.0], [1.0]))
    assert (first.verdict, second.verdict) == (Score((2.5, -1.0)), Score((1.0, 1.0)))
    assert (first.judge, first.order) == ("org/judge", (0, 1))
    item = first.item
    assert (item.id, item.stratum, item.subsets, item.turns) == ("donotanswer/3", "donotanswer", ("donotanswer",), ())
    assert [response.author for response in item.responses] == ["chosen", "rejected"]
    assert item.gold == Preference((1.0, 0.0))


def test_results_where_there_are_no_scores(tmp_path):
    rows = [(3, "math-prm", 1), (4, "math-prm", 0), (5, "math-prm", 0.5)]
    assert [row.verdict.probs for row in v1(tmp_path, *rows)] == [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)]


def test_results_stand_in_for_scores_that_are_none_or_no_numbers(tmp_path):
    rows = [(3, "math-prm", 1, None, None), (4, "math-prm", 0, math.nan, 1.0)]
    assert [row.verdict.probs for row in v1(tmp_path, *rows)] == [(1.0, 0.0), (0.0, 1.0)]


def test_code_is_clustered_by_problem(tmp_path):
    found = v1(tmp_path, (1, "hep-cpp", 1), (2, "hep-cpp", 1), (8, "hep-go", 1), (9, "hep-go", 0))
    assert [row.item.cluster for row in found] == ["hep-000", "hep-001", "hep-000", "hep-001"]
    assert {row.item.stratum for row in found} == {"hep"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((4, "math-prm", 2), "row 2: results is 2"),
        ((4, "math-prm", True), "row 2: results is True"),
        ((None, "math-prm", 1), "row 2 has no subset or no id"),
        ((4, "", 1), "row 2 has no subset or no id"),
    ],
)
def test_a_row_of_another_form_is_named(tmp_path, row, message):
    with pytest.raises(DataError, match=message):
        v1(tmp_path, (3, "math-prm", 1), row)


def test_a_score_that_is_a_text_is_named(tmp_path):
    with pytest.raises(DataError, match="row 1: a score is 'high'"):
        v1(tmp_path, (3, "math-prm", 1, "high", 0.0))


def test_files_of_another_form(tmp_path):
    def read(**columns):
        return list(RewardBench().read([save(tmp_path, **columns)]))

    good = {"id": [1], "subset": ["math-prm"], "results": [1]}
    with pytest.raises(DataError, match="column 'results' is missing"):
        read(id=[1], subset=["math-prm"])
    with pytest.raises(DataError, match="2 of 'results', and 1 of 'id'"):
        read(**{**good, "results": [1, 0]})
    with pytest.raises(DataError, match="does not name its model"):
        read(**good, model=None)
    with pytest.raises(DataError, match="is of RewardBench 2"):
        read(**good, num_correct=[1])
    with pytest.raises(DataError, match="is of the first RewardBench"):
        list(RewardBench2().read([save(tmp_path, **good)]))
    for text in ("[]", "{", "\xff"):
        path = tmp_path / "other.json"
        path.write_bytes(text.encode("latin-1"))
        with pytest.raises(DataError, match=r"other\.json"):
            list(RewardBench().read([path]))


def test_gzipped_files(tmp_path):
    path = save(tmp_path, id=[1], subset=["math-prm"], results=[1])
    packed = tmp_path / "model.json.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert len(list(RewardBench().read([packed]))) == 1


def test_scores_of_all_responses(tmp_path):
    rows = [("7", "Precise IF", 1, 0, [1.0, 2.0, [0.5], 0.0]), ("tied:3", "Ties", 2, None, [3, 4, 1])]
    first, second = v2(tmp_path, *rows)
    assert (first.verdict, second.verdict) == (Score((1.0, 2.0, 0.5, 0.0)), Score((3.0, 4.0, 1.0)))
    assert (first.order, second.order) == ((0, 1, 2, 3), (0, 1, 2))
    assert (first.item.id, first.item.gold) == ("precise-if/7", Preference((1.0, 0.0, 0.0, 0.0)))
    assert [response.author for response in second.item.responses] == ["chosen-1", "chosen-2", "rejected-1"]
    assert (second.item.cluster, second.item.gold) == ("ties/3", Preference((0.5, 0.5, 0.0)))


@pytest.mark.parametrize(
    ("result", "probs"),
    [
        (1, (1.0, 0.0, 0.0, 0.0)),
        (0.5, (0.5, 0.5, 0.0, 0.0)),
        (0.3333333333333333, (1 / 3, 1 / 3, 1 / 3, 0.0)),
        (0, (0.0, 1 / 3, 1 / 3, 1 / 3)),
    ],
)
def test_results_of_four_responses(tmp_path, result, probs):
    (row,) = v2(tmp_path, ("7", "Math", 1, result, None))
    assert row.verdict == Preference(probs)


def test_a_result_of_chance_is_a_missing_verdict(tmp_path):
    (row,) = v2(tmp_path, ("7", "Math", 1, 0.25, None))
    assert row.verdict == Miss("read", "no verdict is recorded, or all responses are alike")
    (row,) = v2(tmp_path, ("7", "Math", 1, 0, [1.0, math.nan, 0.0, 0.0]))
    assert row.verdict == Miss("read", "a score is no finite number")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("7", "Math", 1, 0.7, None), "results is 0.7"),
        (("7", "Math", 1, True, None), "results is True"),
        (("7", "Math", 0, 1, None), "num_correct is 0"),
        (("7", "Math", 4, 1, None), "has 4 right responses and no scores"),
        (("7", "Math", 2, 1, [1.0, 2.0]), "scores is"),
        (("7", "Maths", 1, 1, None), "subset is 'Maths'"),
        (("7", "Ties", 1, None, [1.0, 2.0]), "id is '7'"),
    ],
)
def test_a_row_of_the_second_of_another_form_is_named(tmp_path, row, message):
    with pytest.raises(DataError, match=message):
        v2(tmp_path, row)


def test_results_become_the_official_figures(tmp_path):
    """One judge with scores, one without; a tie of scores is wrong by the classifiers' convention."""
    subsets = ["alpacaeval-easy", "llmbar-natural", "donotanswer", "math-prm"]
    rm = save(
        tmp_path,
        "rm.json",
        id=[1, 2, 3, 4],
        subset=subsets,
        results=[1, 0, 0, 1],
        scores_chosen=[2.0, 1.0, 3.0, 9.0],
        scores_rejected=[1.0, 2.0, 3.0, 1.0],
        model="rm",
    )
    judge = save(tmp_path, "gen.json", id=[1, 2, 3, 4], subset=subsets, results=[1, 0, 0.5, 1], model="gen")
    known = app.registry()
    app.import_run("rewardbench", [rm, judge], tmp_path / "run", known, app.Wanted())
    strict = "overall,convention=rewardbench-classifier"
    board = app.leaderboard([tmp_path / "run"], known, measures=("overall", strict))
    values = {(row.measure, row.subject): row.value for row in board.estimates}
    assert values == {("overall", "rm"): 62.5, ("overall", "gen"): 62.5, (strict, "rm"): 50.0, (strict, "gen"): 50.0}
    # no ratio of two sums over all pairs, so no test of one
    assert {row.test for row in board.comparisons} == {"bootstrap"}
