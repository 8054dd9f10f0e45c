"""AlpacaEval 2's boards against the official leaderboard, from the judgments that it was computed from."""

import csv
import importlib.util
import json
from collections import defaultdict
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
import pytest

from judgebench import app

ROOT = Path(__file__).parents[2]
MISALIGNED = {
    "alpaca-7b_concise",
    "alpaca-7b_verbose",
    "gpt35_turbo_instruct",
    "minotaur-13b",
    "phi-2",
    "text_davinci_001",
}
"""Models whose files lack rows, so that officially the difficulty of other instructions is looked up."""


RATES = ("win-rate", "discrete-win-rate", "lc-win-rate")


@pytest.fixture(scope="module")
def known():
    return app.registry()


@pytest.fixture(scope="module")
def run(recorded, known, tmp_path_factory):
    """The 58 models' recorded judgments, imported."""
    folder = tmp_path_factory.mktemp("alpaca-eval-2")
    script = importlib.util.spec_from_file_location("verdicts", ROOT / "leaderboards/alpaca-eval-2/verdicts.py")
    module = importlib.util.module_from_spec(script)
    script.loader.exec_module(module)
    module.main(recorded / "alpaca_eval_2", folder)
    wanted = app.Wanted("alpaca-eval-2", data_dir=str(folder / "mirror"))
    app.import_run("table", [folder / "verdicts.parquet"], folder / "run", known, wanted)
    return folder / "run"


@pytest.fixture(scope="module")
def boards(run, known):
    """Estimates by measure and subject, in both modes; few replicates, since points do not depend on them."""
    found = {}
    for mode in ("official", "corrected"):
        board = app.leaderboard([run], known, measures=RATES, mode=mode, interval="percentile", replicates=100)
        found[mode] = defaultdict(dict)
        for estimate in board.estimates:
            found[mode][estimate.measure][estimate.subject] = estimate
    return found


@pytest.fixture(scope="module")
def expected(recorded):
    with (recorded / "alpaca_eval_2/expected.csv").open() as file:
        return {row["model"]: row for row in csv.DictReader(file) if row["win_rate_official"]}


def test_win_rates_and_counts_are_the_official_ones(boards, expected):
    assert len(expected) == 38
    for mode in ("official", "corrected"):
        for model, row in expected.items():
            mean, discrete = boards[mode]["win-rate"][model], boards[mode]["discrete-win-rate"][model]
            assert mean.value == pytest.approx(float(row["win_rate_official"]), abs=1e-9)
            assert discrete.value == pytest.approx(float(row["discrete_win_rate_official"]), abs=1e-9)
            assert mean.n == int(float(row["n_total_official"]))


def test_the_published_error_is_the_official_one_in_official_mode(boards, expected):
    for model, row in expected.items():
        error = boards["official"]["win-rate"][model].standard_error
        assert error == pytest.approx(float(row["standard_error_official"]), abs=1e-9)


def test_length_controlled_win_rates_are_close_to_the_published_ones(boards, expected):
    away = {
        model: abs(boards["official"]["lc-win-rate"][model].value - float(row["lc_win_rate_official"]))
        for model, row in expected.items()
    }
    assert max(away.values()) < 0.15
    assert median(away.values()) < 0.05
    assert boards["official"]["lc-win-rate"]["gpt4_1106_preview"].value == 50.0


def test_where_the_official_penalty_is_chosen_the_win_rate_is_the_official_one(boards, expected):
    alike = []
    for model, row in expected.items():
        estimate = boards["official"]["lc-win-rate"][model]
        official = float(row["C_inferred_official"] or "nan")
        if estimate.details.get("C") == pytest.approx(official, rel=1e-6):
            alike.append(model)
            assert estimate.value == pytest.approx(float(row["lc_win_rate_official"]), abs=0.02)
    assert len(alike) > 20


def test_corrected_differs_only_where_rows_are_missing(boards):
    for model, estimate in boards["corrected"]["lc-win-rate"].items():
        same = estimate.value == pytest.approx(boards["official"]["lc-win-rate"][model].value, abs=1e-9)
        assert same != (model in MISALIGNED)


def test_the_published_error_of_length_control_is_no_uncertainty(boards):
    """Intervals by refitting are 1.9 to 8 times as wide as the published figure would have them."""
    for model, least, most in (("vicuna-7b-v1.5", 1.5, 2.6), ("text_davinci_001", 5.0, 11.0)):
        estimate = boards["official"]["lc-win-rate"][model]
        factor = (estimate.high - estimate.low) / (2 * 1.96 * estimate.standard_error)
        assert least < factor < most


def test_official_weights_give_the_published_figures(recorded, expected):
    import pyarrow.parquet as pq

    with (recorded / "alpaca_eval_2/official_weights.csv").open() as file:
        weights = {row["model"]: row for row in csv.DictReader(file)}
    table = pq.read_table(recorded / "alpaca_eval_2/instructions.parquet")
    difficulty = np.array(table["instruction_difficulty"].to_pylist())
    rows = pq.read_table(recorded / "alpaca_eval_2/annotations.parquet", columns=["model", "row"]).to_pydict()
    of_model = defaultdict(list)
    for model, row in zip(rows["model"], rows["row"], strict=True):
        of_model[model].append(row)
    for model, row in expected.items():
        bias = float(weights[model]["not_gamed_baseline.astype(float)"])
        slope = float(weights[model]["instruction_difficulty"])
        found = 100 * (1 / (1 + np.exp(-(bias + slope * difficulty[of_model[model]])))).mean()
        away = abs(found - float(row["lc_win_rate_official"]))
        assert away < (0.15 if model == "NullModel" else 1e-6)  # its stored weights are off


def test_the_landed_board_is_that_of_the_record(run, known):
    landed = json.loads((ROOT / "leaderboards/alpaca-eval-2/board.json").read_text())
    board = app.leaderboard([run], known, measures=("win-rate", "discrete-win-rate"))
    mine = {(row.measure, row.subject): row for row in board.estimates}
    rows = [row for row in landed["estimates"] if row["measure"] in ("win-rate", "discrete-win-rate")]
    assert len(rows) == len(mine) == 116
    for row in rows:
        found = msgspec.to_builtins(mine[row["measure"], row["subject"]])
        assert found.pop("details") == row.pop("details")
        assert found.keys() == row.keys()
        for field, value in row.items():
            is_figure = isinstance(value, float)  # the file keeps ten digits of it
            assert found[field] == (pytest.approx(value, rel=1e-9, abs=1e-9) if is_figure else value)
    assert landed["provenance"]["runs"][0]["evidence"] == board.provenance["runs"][0]["evidence"]
