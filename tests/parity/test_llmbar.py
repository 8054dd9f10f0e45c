"""LLMBar: recorded verdicts of 44 judges in both orders against the published figures."""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from judgebench import app
from judgebench.components.benchmarks.llmbar import COMPONENT as LLMBar
from judgebench.engine.analyse import build_measures
from judgebench.engine.evidence import gather, load
from judgebench.engine.inference import measured

ROOT = Path(__file__).parents[2]
COLUMNS = {
    "average-accuracy/{},order=straight": "correct_False",
    "average-accuracy/{},order=swapped": "correct_True",
    "average-accuracy/{}": "correct_average",
    "position-consistent-accuracy/{}": "correct_both",
}


@pytest.fixture(scope="module")
def known():
    return app.registry()


@pytest.fixture(scope="module")
def evidence(recorded, known, tmp_path_factory):
    """The recorded verdicts, imported as the landed board's are."""
    folder = tmp_path_factory.mktemp("llmbar")
    spec = importlib.util.spec_from_file_location("verdicts", ROOT / "leaderboards/llmbar/verdicts.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.main(recorded / "rewardbench", folder)
    app.import_run("table", [folder / "verdicts.parquet"], folder / "run", known, app.Wanted("llmbar"))
    (found,) = gather([load(folder / "run")])
    return found


@pytest.fixture(scope="module")
def expected(recorded):
    """The published rows of templates whose recorded verdicts are those behind them."""
    with (recorded / "rewardbench/llmbar_expected.csv").open() as file:
        return [row for row in csv.DictReader(file) if not row["template"].startswith("Swap")]


def percent(text):
    """The figure at the end of `81 / 100 = 81.0%`."""
    return float(text.rpartition(" ")[2].rstrip("%"))


def test_every_figure_of_96_rows(evidence, known, expected):
    rows = {(f"{row['judge']}/{row['template']}", row["subset"]): row for row in expected}
    measures = [name.format(subset) for subset in sorted({subset for _, subset in rows}) for name in COLUMNS]
    seen = set()
    for one in measured(evidence, build_measures(evidence, known, measures, "corrected")):
        subset = one.label.partition("/")[2].partition(",")[0]
        column = COLUMNS[one.label.replace(subset, "{}")]
        values = one.prepared.values(np.ones((1, one.table.n_clusters)))[0]
        for (key, _), value in zip(one.keys, values, strict=True):
            place = evidence.shown(key), subset
            if place in rows:
                seen.add(place)
                assert value == pytest.approx(percent(rows[place][column]), abs=1e-9), (place, column)
    assert len(seen) == 96


def test_what_was_imported(evidence):
    assert len(evidence.items) == 419
    assert len(evidence.subjects) == 44
    assert len(evidence.content.verdicts) == 2 * 18_436
    assert sum(line.miss is not None for line in evidence.content.verdicts.values()) == 99


def test_the_local_file_of_pairs(recorded, evidence):
    """Under the same ids and subsets as the recorded verdicts."""
    items = LLMBar(path=str(recorded / "rewardbench/llmbar_subsets.jsonl.gz")).items()
    assert {item.id: item.stratum for item in items} == {item.id: item.stratum for item in evidence.items.values()}
