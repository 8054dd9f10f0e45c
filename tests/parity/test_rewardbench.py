"""RewardBench's averages: every vector of the official function, and through a run."""

import json

import numpy as np
import pytest

from judgebench import app
from judgebench.forms.rewardbench_parts import SECTIONS
from judgebench.stats.rewardbench import overall, section


@pytest.fixture(scope="module")
def vectors(recorded):
    return json.loads((recorded / "rewardbench/parser_vectors.json").read_text())


def slug(name):
    return name.lower().replace(" ", "-")


def test_subsets_and_their_weights(vectors):
    assert {slug(name): subsets for name, subsets in vectors["subset_mapping"].items()} == {
        name: list(counts) for name, counts in SECTIONS.items()
    }
    assert vectors["example_counts"] == {name: n for counts in SECTIONS.values() for name, n in counts.items()}


def test_sections_and_their_mean(vectors):
    """Two of the vectors lack some subsets."""
    for vector in vectors["sections"]:
        found = {}
        for name, counts in SECTIONS.items():
            there = {subset: n for subset, n in counts.items() if subset in vector["subset"]}
            accuracies = np.array([vector["subset"][subset] for subset in there])
            found[name] = float(section(accuracies, np.array([*there.values()], dtype=float)))
        assert found == pytest.approx({slug(name): value for name, value in vector["section"].items()}, abs=1e-12)
        assert float(overall(np.array([*found.values()]))) == pytest.approx(vector["mean4"], abs=1e-12)
    assert len(vectors["sections"]) == 10


def test_a_run_of_results_gives_the_sections_of_a_vector(vectors, tmp_path):
    """Ten items a subset, right as often as the vector says, to one of ten."""
    rounded = {name: round(10 * value) / 10 for name, value in vectors["sections"][0]["subset"].items()}
    rows = [(name, int(k < round(10 * share))) for name, share in rounded.items() for k in range(10)]
    columns = {"id": list(range(len(rows))), "subset": [name for name, _ in rows], "results": [one for _, one in rows]}
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"model": "org/model", **columns}))
    known = app.registry()
    app.import_run("rewardbench", [path], tmp_path / "run", known, app.Wanted())
    measures = ("overall", *(f"section:{name}" for name in SECTIONS))
    board = app.leaderboard([tmp_path / "run"], known, measures=measures)
    values = {row.measure: row.value for row in board.estimates}
    counts = vectors["example_counts"]
    expected = {
        f"section:{slug(name)}": 100
        * sum(rounded[one] * counts[one] for one in subsets)
        / sum(map(counts.get, subsets))
        for name, subsets in vectors["subset_mapping"].items()
    }
    assert values == pytest.approx({**expected, "overall": sum(expected.values()) / 4})
