"""bench/coverage.py: its studies are what they say, its intervals those of a board, and they hold the truth."""

import re
from pathlib import Path

import numpy as np
import pytest

from judgebench.components.measures.win_rate import COMPONENT as WinRate
from judgebench.engine.estimates import ends
from judgebench.engine.inference import Inference, Measured
from judgebench.engine.inference import resampled as of_a_board
from judgebench.plugin.measure import Prepared
from judgebench.stats import acceleration, bca, differences, jackknife_weights, ratio
from judgebench.stats.length_control import length_control

DOCS = Path(__file__).parents[2] / "docs/explanation/coverage.md"


@pytest.fixture(scope="module")
def coverage(script):
    return script("coverage")


@pytest.mark.parametrize("kind", ["binary", "soft"])
def test_studies_have_the_rates_that_they_say(kind, coverage):
    values = coverage.preferences(np.random.default_rng(0), kind, [0.03, 0.1, 0.5, 0.9], 400, 1000)
    drawn = values.reshape(400, 1000, 4)
    for k, rate in enumerate((0.03, 0.1, 0.5, 0.9)):
        assert drawn[:, :, k].mean() == pytest.approx(rate, abs=0.003)
    if kind == "binary":
        assert set(np.unique(values)) == {0.0, 1.0}
    else:
        assert ((values > 0.0) & (values < 1.0)).all()
    within = np.corrcoef(drawn[:, :, 1].ravel(), drawn[:, :, 2].ravel())[0, 1]
    apart = np.corrcoef(drawn[:, :-1, 1].ravel(), drawn[:, 1:, 2].ravel())[0, 1]
    assert within > 0.15
    assert abs(apart) < 0.01


def test_resamples_and_intervals_are_those_of_a_board(coverage):
    """A board makes them block by block from the measure that it prepared; ends of differences by their definition."""
    n, inference = 40, Inference(replicates=300)
    values = coverage.preferences(np.random.default_rng(1), "binary", [0.03, 0.2], n, 20)
    values[:, 0] = 0.0  # no spread: Wilson's
    ones = np.ones_like(values)
    found = coverage.resampled(WinRate(), n, lambda weights: 100 * ratio(weights, values, ones), 300, 7)
    one = found.of
    ready = Measured(
        "win-rate", one.measure, one.table, one.keys, Prepared(lambda w: 100 * ratio(w, values, ones)), one.support
    )
    (board,) = of_a_board([ready], inference, 7)
    for mine, theirs in ((found.point, board.point), (found.replicates, board.replicates)):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.without_one, board.without_one, rtol=1e-12, atol=1e-12)
    low, high, flat = ends(board, inference)
    assert flat[0]
    truth = 3.0
    hits = [bool(hit) for hit in (low <= truth) & (truth <= high)]
    assert [study[0] for study in coverage.held(found, inference, truth, paired=False)] == hits
    gaps = differences(
        board.point,
        board.replicates,
        np.arange(0, 40, 2),
        np.arange(1, 40, 2),
        0.95,
        strata=one.table.strata,
        without_one=board.without_one,
    )
    pairs = [study[0] for study in coverage.held(found, inference, -17.0, paired=True)]
    hits = ((gaps.low <= -17.0) & (gaps.high >= -17.0)).tolist()
    seen = [k for k in range(20) if not flat[2 * k : 2 * k + 2].any()]
    assert len(seen) > 9  # a board does not take a side without spread at its word
    assert [pairs[k] for k in seen] == [hits[k] for k in seen]
    warned = [study[2] for study in coverage.held(found, inference, truth, paired=False)]
    assert warned == [not 5.0 <= point <= 95.0 and not flat[k] for k, point in enumerate(found.point)]


def test_length_controlled_studies_are_fits_of_their_own(coverage):
    """One study by hand: drawn as the script draws it, refitted by itself."""
    cell = coverage.length([0.13], 50, 3, 100, batch=2)
    assert (cell.n, cell.studies, cell.what) == (50, 3, "length-controlled")
    whole, extra = coverage.population(0.13), coverage.gamed()
    rng, shares = np.random.default_rng(50), []
    strata = np.zeros(50, dtype=np.intp)
    for seed, number in ((0, 2), (1, 1)):
        weights = coverage.bootstrap_counts(strata, 100, seed) * coverage.rescaling(strata)
        for at in rng.integers(0, coverage.POPULATION, (number, 50)):
            rows = coverage.Rows(whole.length_difference[at], whole.difficulty[at], whole.preference[at])
            fit = length_control(rows, extra, coverage.STRENGTH)
            skew = acceleration(strata, fit.refits(jackknife_weights(strata))[:, None])
            low, high = bca(np.array([fit.win_rate]), fit.refits(weights)[:, None], skew, 0.95)
            shares.append(low[0] <= cell.truth <= high[0])
    assert cell.bca == pytest.approx(100 * np.mean(shares))


def documented():
    """The lines of the table in docs/explanation/coverage.md: (what, truth, n) -> (BCa, percentile, warned)."""
    found = {}
    for line in DOCS.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and re.fullmatch(r"-?\d+\.\d", cells[1]):
            found[cells[0], float(cells[1]), int(cells[2])] = tuple(map(float, cells[3:]))
    return found


def test_the_documented_table_is_whole(coverage):
    found = documented()
    for kind in ("binary", "soft"):
        for one, other in coverage.PAIRS:
            for n in coverage.SIZES:
                assert (f"{kind}: mean", float(one), n) in found
                assert (f"{kind}: {one} less {other}", float(one - other), n) in found
    controlled = [key for key in found if key[0] == "length-controlled"]
    assert len(controlled) == 2 * len(coverage.SHIFTS)
    assert len(found) == 2 * 2 * len(coverage.PAIRS) * len(coverage.SIZES) + len(controlled)
    assert coverage.HEAD in DOCS.read_text()


def test_the_documented_shares_are_nominal_where_that_is_claimed():
    claimed = 0
    for (what, truth, n), (bca_share, percentile_share, warned) in documented().items():
        small = what.endswith("3 less 5") or ("less" not in what and truth < 5.0)
        if n >= 200 and not small:
            claimed += 1
            assert 93.0 <= bca_share <= 97.0
            assert 93.0 <= percentile_share <= 97.0
        assert (warned > 50.0) == small
    assert claimed == 24 + 3


@pytest.mark.slow
@pytest.mark.parametrize("n", [200, 805])
@pytest.mark.parametrize("rate", [10, 50, 90])
@pytest.mark.parametrize("paired", [False, True], ids=["mean", "difference"])
@pytest.mark.parametrize("kind", ["binary", "soft"])
def test_means_and_differences_are_held_as_often_as_is_said(kind, paired, rate, n, coverage):
    (pair,) = (pair for pair in coverage.PAIRS if pair[0] == rate)
    cell = coverage.mean(kind, [one / 100 for one in pair[: 1 + paired]], n, 4000, 2000)
    print(cell.line)
    assert 93.0 <= cell.bca <= 97.0


@pytest.mark.slow
@pytest.mark.parametrize("rate", [10, 50, 90])
def test_length_controlled_win_rates_are_held_as_often_as_is_said(rate, coverage):
    cell = coverage.length([coverage.SHIFTS[rate]], 200, 2000, 400)
    print(cell.line)
    assert cell.truth == pytest.approx(rate, abs=1.0)
    assert 93.0 <= cell.bca <= 97.0


@pytest.mark.slow
def test_differences_of_length_controlled_win_rates_are_held_as_often_as_is_said(coverage):
    cell = coverage.length([coverage.SHIFTS[50], coverage.SHIFTS[50] - 0.8], 200, 2000, 400)
    print(cell.line)
    assert 93.0 <= cell.bca <= 97.0


@pytest.mark.slow
def test_rates_of_3_percent_are_where_a_board_warns(coverage):
    """No bound is claimed of coverage there."""
    for n in (50, 200):
        for kind in ("binary", "soft"):
            cell = coverage.mean(kind, [0.03], n, 1000, 1000)
            assert cell.warned > 50.0
