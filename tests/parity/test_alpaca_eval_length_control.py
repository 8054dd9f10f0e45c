"""The length-controlled regression itself, on the judgments that the official leaderboard was computed from."""

import csv
from statistics import median

import numpy as np
import pytest

from judgebench.stats import bootstrap_counts, rescaling
from judgebench.stats.length_control import GamedRows, Rows, length_control


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(recorded):
    return recorded / "alpaca_eval_2"


@pytest.fixture(scope="module")
def difficulty(folder):
    import pyarrow.parquet as pq

    return np.array(pq.read_table(folder / "instructions.parquet")["instruction_difficulty"].to_pylist())


@pytest.fixture(scope="module")
def gamed(folder):
    rows = table(folder / "gamed_rows_surrogate.csv")
    columns = ("std_delta_len", "instruction_difficulty", "preference")
    return GamedRows(*(np.array([float(row[name]) for row in rows]) for name in columns))


@pytest.fixture(scope="module")
def models(folder):
    """Of each of 58 models its judgments in the order of its file: index, row, preference, lengths."""
    import pyarrow.parquet as pq

    data = pq.read_table(folder / "annotations.parquet").to_pydict()
    names = np.array(data.pop("model"))
    columns = {name: np.array(data[name]) for name in ("index", "row", "preference", "len_output", "len_baseline")}
    found = {}
    for name in dict.fromkeys(names.tolist()):
        own = np.flatnonzero(names == name)
        own = own[np.argsort(columns["row"][own])]
        found[name] = {column: values[own] for column, values in columns.items()}
    assert len(found) == 58
    return found


def rows_of(model, difficulty, by="row"):
    """Its comparisons, with the difficulty looked up by place in the file (as officially) or by instruction."""
    lengths = (model["len_baseline"] - model["len_output"]).astype(float)
    return Rows(lengths, difficulty[model[by]], model["preference"] - 1)


@pytest.fixture(scope="module")
def fits(models, difficulty, gamed):
    return {name: length_control(rows_of(model, difficulty), gamed) for name, model in models.items()}


@pytest.fixture(scope="module")
def expected(folder):
    return {row["model"]: row for row in table(folder / "expected.csv") if row["lc_win_rate_official"]}


def away(found, row):
    return abs(found - float(row["lc_win_rate_official"]))


def test_at_the_official_penalty_it_is_the_published_figure(fits, gamed, expected):
    known = {name: float(row["C_inferred_official"]) for name, row in expected.items() if row["C_inferred_official"]}
    assert len(known) == 36
    found = {name: length_control(fits[name].rows, gamed, strength) for name, strength in known.items()}
    errors = [away(fit.win_rate, expected[name]) for name, fit in found.items()]
    print(f"at the official C: at most {max(errors):.4f}, median {median(errors):.5f} points")
    assert max(errors) < 0.02
    assert median(errors) < 0.001
    for name, fit in found.items():
        assert fit.win_rate == pytest.approx(float(expected[name]["lc_exact_optimum_at_C_inferred"]), abs=2e-4)


def test_at_the_chosen_penalty_it_is_close(fits, expected):
    errors = {name: away(fits[name].win_rate, row) for name, row in expected.items()}
    print(f"at the chosen C: at most {max(errors.values()):.3f}, median {median(errors.values()):.4f} points")
    assert len(errors) == 38
    assert max(errors.values()) < 0.15
    assert median(errors.values()) < 0.05


def test_the_published_error_is_the_spread_of_the_predictions(fits, gamed, expected):
    errors = {}
    for name, row in expected.items():
        if not row["lc_standard_error_official"]:
            continue
        own = float(row["C_inferred_official"] or "nan")
        fit = fits[name] if np.isnan(own) else length_control(fits[name].rows, gamed, own)
        errors[name] = abs(fit.published_error - float(row["lc_standard_error_official"]))
    print(f"published error: at most {max(errors.values()):.6f} points away")
    assert len(errors) == 5  # the others' were not published
    assert max(errors.values()) < 1e-3


def test_official_weights_give_the_published_figures(folder, models, difficulty, expected):
    weights = {row["model"]: row for row in table(folder / "official_weights.csv")}
    for name, row in expected.items():
        bias = float(weights[name]["not_gamed_baseline.astype(float)"])
        slope = float(weights[name]["instruction_difficulty"])
        found = 100 / (1 + np.exp(-(bias + slope * difficulty[models[name]["row"]])))
        if name == "NullModel":  # its stored weights are not those of its published figure
            assert away(found.mean(), row) == pytest.approx(0.13, abs=0.01)
        else:
            assert away(found.mean(), row) < WEIGHTS_ACCURACY
            error = found.std(ddof=1) / len(found) ** 0.5
            assert error == pytest.approx(float(row["lc_standard_error_official"] or error), abs=1e-6)


WEIGHTS_ACCURACY = 1e-6
"""Points. The difficulty was recovered to 5e-8, so that nothing closer can be asked."""


def test_refitting_shows_far_more_uncertainty_than_the_published_error(models, fits):
    one = np.zeros(805, dtype=int)
    weights = bootstrap_counts(one, 1000, 0) * rescaling(one)
    factors, spread = {}, {}
    for name, fit in fits.items():
        if not np.isnan(fit.strength):  # all but the baseline itself
            spread[name] = fit.refits(weights[:, models[name]["index"]]).std(ddof=1)
            factors[name] = spread[name] / fit.published_error
    assert len(factors) == 57
    ordered = sorted(factors.values())
    print(f"{len(factors)} models, factor {ordered[0]:.2f} to {ordered[-1]:.2f}, median {median(ordered):.2f}")
    for name in ("vicuna-7b-v1.5", "text_davinci_001", min(factors, key=factors.get), max(factors, key=factors.get)):
        print(f"{name}: {spread[name]:.3f} by refitting, {fits[name].published_error:.3f} as published")
    assert ordered[0] > 1.7
    assert ordered[-1] < 9.0
    assert 0.85 < spread["vicuna-7b-v1.5"] < 1.05
    assert 1.6 < spread["text_davinci_001"] < 1.95


def test_only_models_with_missing_rows_move_when_difficulty_is_that_of_the_instruction(models, difficulty, gamed, fits):
    moved = {}
    for name, model in models.items():
        own = rows_of(model, difficulty, by="index")
        if len(own.preference) == 805:
            assert (own.difficulty == fits[name].rows.difficulty).all()
            continue
        held = length_control(own, gamed, fits[name].strength).win_rate - fits[name].win_rate
        anew = length_control(own, gamed)
        moved[name] = held, anew.win_rate - fits[name].win_rate, fits[name].strength, anew.strength
    for name, (held, anew, before, after) in moved.items():
        print(f"{name}: {held:+.3f} points with C held, {anew:+.3f} with C chosen anew ({before:.3g} -> {after:.3g})")
    assert len(moved) == 6
    assert moved["alpaca-7b_concise"][0] == pytest.approx(0.09, abs=0.02)
    assert all(-3.0 < held < -0.4 for name, (held, *_) in moved.items() if name != "alpaca-7b_concise")
