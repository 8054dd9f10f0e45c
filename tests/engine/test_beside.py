"""The board of a paper's table: every two policies that met have numbers of their own."""

import asyncio
import json
from dataclasses import dataclass

import pytest
from toys import known

from judgebench import ConfigError, DataError, app
from judgebench.components.benchmarks.starter import COMPONENT as Starter
from judgebench.engine.named import build_measure
from judgebench.engine.spec import from_mapping
from judgebench.reporting.paper_numbers import Column, Row
from judgebench.reporting.paper_table import PaperTable

WIDE = {"replicates": 200, "interval": "percentile"}


@dataclass(frozen=True)
class Games(PaperTable):
    name = "toy-games"
    summary = "Toy games"
    paper = "Toy (2020), table 1"
    columns = (
        Column("win rate", "win-rate", between=True),
        Column("wins", "wins", between=True),
        Column("length", "average-length"),
    )
    lines = (Row("A vs B", "50 40 -"), Row("A", "- - 12"))


def run(folder, names, out="run", ids=tuple(f"q{k}" for k in range(8)), **spec):
    """A run of policies that answer these items; of prompts of the same ids, each against each other."""
    prompts, policies = folder / "prompts.jsonl", {}
    prompts.write_text("".join(json.dumps({"id": name, "prompt": f"question {name}"}) + "\n" for name in ids))
    for name in names:
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps({"id": one, "response": f"{name} on {one}"}) + "\n" for one in ids))
        policies[name] = f"recorded:{path}"
    wanted = {"benchmark": f"head-to-head:{prompts}", "policies": policies, "judges": {"j": "logprob@toy:j"}, **spec}
    planned = app.plan(from_mapping({**wanted, "out": str(folder / out)}, "test"), known())
    asyncio.run(app.execute(planned, known()))
    return planned.folder


def board(*folders, table=None, **more):
    return app.beside(folders, known(), table or Games(), **WIDE, **more)


def values(found):
    return {(row.measure, row.subject): row for row in found.estimates}


def test_each_pair_is_counted_as_if_it_had_been_judged_alone(tmp_path):
    three = values(board(run(tmp_path, "abc", "three")))
    for pair in ("ab", "ac", "bc"):
        two = {
            (row.measure, row.subject): row
            for row in app.leaderboard([run(tmp_path, pair, pair)], known(), **WIDE).estimates
        }
        for mine, other in (pair, pair[::-1]):
            for measure in ("win-rate", "wins"):
                found, alone = three[measure, f"{mine} vs {other}"], two[measure, mine]
                assert (found.value, found.low, found.high, found.n) == (alone.value, alone.low, alone.high, alone.n)
                assert found.n == 8
    assert three["average-length", "a"].n == 8
    assert ("win-rate", "a") not in three


def test_a_baseline_goes_by_the_name_of_its_author(tmp_path):
    items = Starter().items()
    folder = run(tmp_path, "a", ids=[item.id for item in items], benchmark="starter", limit=4)
    author = items[0].baseline.author
    table = Games(rows={"B": author})
    assert f"| A vs B = a vs {author} " in table.render(board(folder, table=table))
    assert {subject for measure, subject in values(board(folder)) if measure == "wins"} == {f"a vs {author}"}


def test_one_run_has_one_provenance_and_every_note_once(tmp_path):
    found = board(run(tmp_path, "abc"), title="Mine", notes=["a note"])
    (provenance,) = found.provenance["runs"]
    assert set(provenance["measures"]) == {"win-rate", "wins", "average-length"}
    assert provenance["notes"].count("a note") == 1
    assert len(set(provenance["notes"])) == len(provenance["notes"])
    assert (found.title, found.benchmark, found.comparisons) == ("Mine", "head-to-head", ())
    assert board(tmp_path / "run").title == "Toy games"


def test_runs_that_hold_one_pair_each_are_joined(tmp_path):
    folders = [run(tmp_path, "ab", "one"), run(tmp_path, "bc", "two")]
    found = values(board(*folders))
    pairs = {"a vs b", "b vs a", "b vs c", "c vs b"}
    assert {subject for measure, subject in found if measure == "wins"} == pairs


def test_names_are_checked_before_anything_is_counted(tmp_path):
    folder = run(tmp_path, "ab")
    for subject in ("a", "a vs b", "b vs a", "j"):
        board(folder, table=Games(rows={"A vs B": subject}))
    with pytest.raises(ConfigError, match="no subject is called 'a vs c'"):
        board(folder, table=Games(rows={"A vs B": "a vs c"}))


@dataclass(frozen=True)
class Golds(PaperTable):
    name = "toy-golds"
    summary = "Toy golds"
    paper = "Toy (2020), table 2"
    columns = (Column("accuracy", "accuracy"), Column("its error", "brier-score"))
    lines = (Row("J", "50 40"),)


def test_a_run_without_any_number_for_it_is_an_error(tmp_path):
    with pytest.raises(DataError) as caught:
        board(run(tmp_path, "ab"), table=Golds())
    assert caught.value.message == "'toy-golds': these runs give no number for it (no gold labels)"
    assert caught.value.hint == "it is made of accuracy, brier-score"


TEMPLATES = [cls for cls in known().classes.values() if issubclass(cls, PaperTable)]


@pytest.mark.parametrize("table", TEMPLATES, ids=lambda table: table.name)
def test_every_measure_of_a_template_is_there_and_about_what_the_column_says(table):
    for column in table.columns:
        spec = table(rows={table.reference: "j"} if table.reference else None).spec(column, ["j"])
        if column.measure is not None:
            measure = build_measure(spec, known(), "corrected").measure
            assert not column.between or measure.about == "policy under judge"
            assert (column.times == 1.0) == (measure.bounds != (-100.0, 100.0))
