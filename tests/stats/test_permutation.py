"""Sign flips against enumeration in whole numbers, a loop over the same stream, and scipy."""

from __future__ import annotations

import importlib
import itertools

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import pairs, sign_flips

module = importlib.import_module("judgebench.stats.permutation")


@st.composite
def tables(draw: st.DrawFn, least: int = 0, most: int = 9) -> np.ndarray:
    clusters, subjects = draw(st.integers(least, most)), draw(st.integers(2, 4))
    cells = draw(st.lists(st.integers(-9, 9), min_size=clusters * subjects, max_size=clusters * subjects))
    return np.array(cells, dtype=int).reshape(clusters, subjects)


def exceeding(gaps: list[int], signs: list[tuple[int, ...]]) -> int:
    return sum(abs(sum(s * g for s, g in zip(row, gaps, strict=True))) >= abs(sum(gaps)) for row in signs)


@given(tables(), st.sampled_from([1.0, 0.1, 1 / 3, 1e9]), st.integers(0, 5))
@settings(deadline=None)
def test_few_clusters_are_enumerated(table: np.ndarray, unit: float, seed: int) -> None:
    first, second = pairs(table.shape[1])
    found = sign_flips(table * unit, first, second, 512, seed)
    signs = list(itertools.product((1, -1), repeat=len(table)))
    expected = [exceeding(gaps, signs) / len(signs) for gaps in (table[:, first] - table[:, second]).T.tolist()]
    assert found.tolist() == expected


@given(tables(7, 20), st.sampled_from([1.0, 0.1, 1 / 3]), st.integers(0, 5), st.integers(1, 100))
@settings(deadline=None)
def test_many_clusters_are_flipped_by_the_bits_of_the_stream(
    table: np.ndarray, unit: float, seed: int, flips: int
) -> None:
    first, second = pairs(table.shape[1])
    found = sign_flips(table * unit, first, second, flips, seed)
    width = -(-len(table) // 8)
    drawn = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed))).bytes(flips * width)
    rows = [drawn[width * k : width * (k + 1)] for k in range(flips)]
    signs = [tuple(-1 if row[c // 8] >> (7 - c % 8) & 1 else 1 for c in range(len(table))) for row in rows]
    gaps = (table[:, first] - table[:, second]).T.tolist()
    assert found.tolist() == [(1 + exceeding(gap, signs)) / (1 + flips) for gap in gaps]


@given(tables(1, 12), st.integers(1, 300), st.integers(1, 4000))
@settings(deadline=None)
def test_blocks_and_other_pairs_do_not_matter(table: np.ndarray, flips: int, cells: int) -> None:
    first, second = pairs(table.shape[1])
    whole = sign_flips(table, first, second, flips, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_CELLS", cells)
        assert sign_flips(table, first, second, flips, 3).tolist() == whole.tolist()
        for k in range(len(first)):
            assert sign_flips(table, second[k : k + 1], first[k : k + 1], flips, 3)[0] == whole[k]


@given(tables(1, 6), st.integers(-9, 9), st.integers(1, 3))
@settings(deadline=None)
def test_a_cluster_in_which_two_are_equal_changes_nothing(table: np.ndarray, equal: int, number: int) -> None:
    first, second = pairs(table.shape[1])
    longer = np.concatenate([table, np.full((number, table.shape[1]), equal)])
    assert sign_flips(longer, first, second, 512, 0).tolist() == sign_flips(table, first, second, 512, 0).tolist()


@pytest.mark.parametrize("seed", range(4))
def test_enumeration_agrees_with_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(10, 3)) if seed % 2 else rng.choice([0.0, 0.5, 1.0], size=(10, 3))
    first, second = pairs(3)
    found = sign_flips(table, first, second, 1024, 0)
    for k, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        theirs = scipy.stats.permutation_test(
            (table[:, i], table[:, j]),
            lambda x, y, axis: (x - y).mean(axis=axis),
            permutation_type="samples",
            vectorized=True,
            n_resamples=np.inf,
        )
        assert found[k] == pytest.approx(theirs.pvalue, rel=1e-12)


def test_drawn_flips_approach_the_enumeration() -> None:
    table = np.random.default_rng(5).normal(0.2, 1.0, size=(14, 2))
    first, second = pairs(2)
    every = sign_flips(table, first, second, 1 << 14, 0)[0]
    drawn = sign_flips(table, first, second, (1 << 14) - 1, 0)[0]
    assert every == pytest.approx(drawn, abs=5 * np.sqrt(every * (1 - every) / (1 << 14)))
    assert every != drawn


def test_subjects_that_never_differ_have_p_1() -> None:
    same = np.random.default_rng(5).normal(size=(40, 1)) * [1.0, 1.0]
    assert sign_flips(same, *pairs(2), 99, 0).tolist() == [1.0]
    assert sign_flips(np.zeros((0, 2)), *pairs(2), 99, 0).tolist() == [1.0]
