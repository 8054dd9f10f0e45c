"""arena-score-style against dense fits, row by row; where its counts come from; what a board says."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from tables import table

from judgebench.components.measures.arena_score import COMPONENT as ArenaScore
from judgebench.components.measures.arena_score_style import COMPONENT as ArenaScoreStyle

PROMPTS, POLICIES = 40, 3
NAMES = ("tokens", "headers", "lists", "bold")
LOG10 = np.log(10.0)


def drawn(version=2.0, itself=False, seed=0):
    """Three policies (or two, and the baseline itself) against a baseline on 40 prompts in both orders."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(POLICIES), PROMPTS)
    cluster = np.tile(np.arange(PROMPTS), POLICIES)
    units = len(subject)
    base = rng.integers(0, 9, (PROMPTS, 4)) * [80, 1, 1, 1] + [50, 0, 0, 0]
    counts = np.stack([rng.integers(0, 9, (units, 4)) * [80, 1, 1, 1] + [50, 0, 0, 0], base[cluster]], axis=1)
    alone = itself & (subject == POLICIES - 1)
    counts[alone, 0] = counts[alone, 1]
    odds = np.array([-1.0, 0.5, 0.0])[subject] + 1.5 * (counts[:, 0, 0] - counts[:, 1, 0]) / counts[:, :, 0].sum(axis=1)
    preference = (rng.random((units, 2)) < 1 / (1 + np.exp(-odds))[:, None]).astype(float)
    preference[rng.random((units, 2)) < 0.1] = 0.5
    return table(
        n_clusters=PROMPTS,
        n_subjects=POLICIES,
        subject=subject,
        cluster=cluster,
        planned=np.ones((units, 2), bool),
        preference=preference,
        strong=(rng.random((units, 2)) < 0.3) & (preference != 0.5),
        itself=alone,
        features={name: counts[:, :, k].astype(float) for k, name in enumerate(NAMES)},
        reference={"arena.version": np.array([version])},
    )


def contrasts(found, unit, version):
    """Differences of style, one after the other."""
    a, b = (np.array([found.features[name][unit, side] for name in NAMES]) for side in (0, 1))
    if version < 1:
        return (a - b) / (a + b + 1)
    first = (a[0] - b[0]) / (a[0] + b[0])
    dense = [(x / (a[0] + 1), y / (b[0] + 1)) for x, y in zip(a[1:], b[1:], strict=True)]
    return np.array([first, *((x - y) / (x + y + 1) for x, y in dense)])


def expanded(found, version):
    """Every row as the official code has it, a strong verdict three times: subject, outcome, contrasts, itself."""
    rows = []
    for unit in range(len(found.subject)):
        for order in (0, 1):
            one = (
                found.subject[unit],
                found.preference[unit, order],
                contrasts(found, unit, version),
                found.itself[unit],
            )
            rows += [one] * (3 if found.strong[unit, order] else 1)
    subject, outcome, x, itself = zip(*rows, strict=True)
    return np.array(subject), np.array(outcome), np.array(x), np.array(itself)


def minimum(design, outcome, penalty=0.0, weight=1.0):
    """The coefficients of least log loss, by a general minimiser."""

    def objective(beta):
        odds = design @ beta
        value = weight * (np.logaddexp(0, odds) - outcome * odds).sum() + 0.5 * penalty * (beta**2).sum()
        slope = weight * design.T @ (1 / (1 + np.exp(-odds)) - outcome) + penalty * beta
        return value, slope

    return minimize(objective, np.zeros(design.shape[1]), jac=True, tol=1e-12, options={"maxiter": 5000}).x


def points(found, **options):
    return ArenaScoreStyle(**options).fit(found, np.ones((1, PROMPTS)))[0]


@pytest.mark.parametrize("version", [0.1, 2.0])
def test_corrected_scores_are_at_equal_style(version):
    found = drawn(version)
    subject, outcome, x, _ = expanded(found, version)
    beta = minimum(np.column_stack([np.eye(POLICIES)[subject], x]), outcome)
    assert points(found) == pytest.approx(100 / (1 + np.exp(-beta[:POLICIES])), abs=1e-4)


def test_official_v20_centres_the_differences_and_lets_the_baselines_own_games_in():
    found = drawn(itself=True)
    subject, outcome, x, itself = expanded(found, 2.0)
    z = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    policies = np.where(itself[:, None], 0.0, np.eye(POLICIES)[subject])
    beta = minimum(np.column_stack([policies, z]), outcome)
    scores = points(found, mode="official")
    assert scores[:2] == pytest.approx(100 / (1 + np.exp(-beta[:2])), abs=1e-4)
    assert scores[2] == 50.0


def test_official_v01_penalises_all_coefficients_and_counts_battles_twice():
    found = drawn(0.1, itself=True)
    subject, outcome, x, itself = expanded(found, 0.1)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    policies = np.where(itself[:, None], 0.0, np.eye(POLICIES)[subject]) * LOG10
    base = np.where(itself, LOG10, -LOG10)
    beta = minimum(np.column_stack([policies, base, z]), outcome, penalty=1.0, weight=2.0)
    expected = 100 / (1 + 10 ** (beta[POLICIES] - beta[:2]))
    assert points(found, mode="official")[:2] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("control", "kept"), [("length", [0]), ("markdown", [1, 2, 3])])
def test_part_of_style_is_controlled_for(control, kept):
    found = drawn()
    subject, outcome, x, _ = expanded(found, 2.0)
    beta = minimum(np.column_stack([np.eye(POLICIES)[subject], x[:, kept]]), outcome)
    assert points(found, control=control) == pytest.approx(100 / (1 + np.exp(-beta[:POLICIES])), abs=1e-4)


def test_weights_of_clusters_repeat_their_rows():
    found = drawn()
    counts = np.random.default_rng(1).multinomial(PROMPTS, np.full(PROMPTS, 1 / PROMPTS))
    subject, outcome, x, _ = expanded(found, 2.0)
    cluster = np.concatenate(
        [[found.cluster[u]] * int(1 + 2 * found.strong[u, o]) for u in range(len(found.subject)) for o in (0, 1)]
    )
    again = np.repeat(np.arange(len(subject)), counts[cluster])
    beta = minimum(np.column_stack([np.eye(POLICIES)[subject[again]], x[again]]), outcome[again])
    score = ArenaScoreStyle().fit(found, counts[None].astype(float))[0]
    assert score == pytest.approx(100 / (1 + np.exp(-beta[:POLICIES])), abs=1e-3)


def test_without_differences_of_style_it_is_the_plain_score():
    found = drawn()
    alike = {name: np.ones_like(column) for name, column in found.features.items()}
    same = replace(found, features=alike)
    plain = ArenaScore().fit(same, np.ones((1, PROMPTS)))[0]
    assert points(same) == pytest.approx(plain, abs=1e-7)


def test_judges_have_fits_of_their_own():
    found = drawn()
    two = replace(found, family=np.array([0, 0, 1]))
    alone = replace(found, valid=found.valid & (found.subject == 2)[:, None], planned=found.planned)
    assert points(two)[2] == pytest.approx(points(alone)[2], abs=1e-8)
    assert ArenaScoreStyle().joint


def test_who_wins_everything_is_at_100_and_the_board_says_so():
    found = drawn()
    preference = np.where((found.subject == 1)[:, None], 1.0, found.preference)
    prepared = ArenaScoreStyle().prepare(replace(found, preference=preference))
    assert prepared.values(np.ones((1, PROMPTS)))[0, 1] == 100.0
    assert (1, "arena-score-style: it won everything, at any style") in prepared.notes


def texts(found):
    """A text for every response, as long and as formatted as its counts say."""
    written = []
    for unit in range(len(found.subject)):
        pair = []
        for side in (0, 1):
            tokens, headers, lists, bold = (int(found.features[name][unit, side]) for name in NAMES)
            pair.append("# h\n" * headers + "- l\n" * lists + "**b** " * bold + "word " * tokens)
        written.append(tuple(pair))
    return written


def test_counts_come_from_texts_where_the_data_have_none():
    found = drawn()
    written = replace(found, features={}, texts=texts(found))
    prepared = ArenaScoreStyle(control="markdown").prepare(written)
    assert "arena-score-style: tokens are counted by 'pieces'" in prepared.notes
    assert ArenaScoreStyle().support(written).n.tolist() == [PROMPTS] * POLICIES
    unknown = replace(found, features={})
    assert ArenaScoreStyle().support(unknown).missing.tolist() == [PROMPTS] * POLICIES
    assert np.isnan(points(unknown)).all()


def test_one_tokenizer_counts_for_both_sides():
    found = drawn()
    half = {name: column.copy() for name, column in found.features.items()}
    half["tokens"][:, 0] = np.nan  # the policies' answers come without counts
    mixed = replace(found, features=half, texts=texts(found))
    whole = replace(found, features={**half, "tokens": np.full_like(half["tokens"], np.nan)}, texts=texts(found))
    assert points(mixed) == pytest.approx(points(whole), abs=1e-9)


def test_counts_in_the_data_hold_where_the_texts_serve_fewer():
    found = drawn()
    lacking = {name: np.where((found.subject == 0)[:, None], np.nan, column) for name, column in found.features.items()}
    support = ArenaScoreStyle().support(replace(found, features=lacking))
    assert support.n.tolist() == [0, PROMPTS, PROMPTS]


@pytest.mark.parametrize(("version", "confidence"), [(0.1, 0.95), (2.0, 0.9)])
def test_official_intervals_come_from_rows(version, confidence):
    found = drawn(version)
    prepared = ArenaScoreStyle(mode="official").prepare(found)
    published = prepared.published
    assert (published.confidence, published.method) == (confidence, "rows")
    point = prepared.values(np.ones((1, PROMPTS)))[0]
    assert (published.low < point).all()
    assert (published.high > point).all()
    assert published.value == pytest.approx(point, abs=0.5 if version < 1 else 5.0)


def test_official_v01_stops_where_no_slope_is_steep():
    """The mean loss and its penalty, row by row as the official code has them: every battle twice."""
    found = drawn(0.1, itself=True)
    subject, outcome, x, itself = expanded(found, 0.1)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    policies = np.where(itself[:, None], 0.0, np.eye(POLICIES)[subject]) * LOG10
    design = np.column_stack([policies, np.where(itself, LOG10, -LOG10), z])

    def objective(beta):
        odds = design @ beta
        value = 2 * (np.logaddexp(0, odds) - outcome * odds).sum() + 0.5 * (beta**2).sum()
        slope = 2 * design.T @ (1 / (1 + np.exp(-odds)) - outcome) + beta
        return value / (2 * len(design)), slope / (2 * len(design))

    steps = {"gtol": 1e-4, "ftol": 64 * np.finfo(float).eps, "maxiter": 100, "maxls": 50}
    end = minimize(objective, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", options=steps).x
    prepared = ArenaScoreStyle(mode="official").prepare(found)
    expected = 100 / (1 + 10 ** (end[POLICIES] - end[:2]))
    assert prepared.published.value[:2] == pytest.approx(expected, abs=1e-6)
    assert prepared.published.value[2] == 50.0
    (note,) = [note for note in prepared.notes if "optimiser stops" in note]
    point = prepared.values(np.ones((1, PROMPTS)))[0]
    away = np.abs(prepared.published.value - point).max()
    assert 0.0 < away < 0.5
    assert f"up to {away:.2f} points from the optimum" in note


def lacking(found, rows, sides=(0,)):
    """Without counts of these units' answers on these sides."""
    features = {name: column.copy() for name, column in found.features.items()}
    for side in sides:
        features["bold"][rows, side] = np.nan
    return replace(found, features=features)


def test_who_lacks_style_is_named_with_the_reason():
    found = drawn()
    without = ArenaScoreStyle().prepare(lacking(found, found.subject == 1))
    assert without.why == {1: "the style of its answers is not known, neither by texts nor by counts"}
    other = ArenaScoreStyle().prepare(lacking(found, found.subject == 1, sides=(1,)))
    assert other.why[1].startswith("the style of the baseline's answers is not known")
    some = ArenaScoreStyle().prepare(lacking(found, (found.subject == 1) & (found.cluster < 3)))
    assert not some.why
    assert (1, "arena-score-style: the style of its answers is not known, neither by texts nor by counts, in 3 of 40 "
               "comparisons") in some.notes  # fmt: skip
    whole = ArenaScoreStyle().prepare(found)
    assert not whole.why
    assert all(isinstance(note, str) for note in whole.notes)


def categories(found):
    return replace(found, subsets={"x": found.cluster < 15, "y": found.cluster >= 15})


def test_official_v20_has_no_estimate_over_several_categories():
    found = categories(drawn())
    pooled = ArenaScoreStyle(mode="official").prepare(found)
    assert np.isnan(pooled.values(np.ones((1, PROMPTS)))).all()
    assert "--measure arena-score-style/x, or arena-score-style/* for all" in pooled.why[0]
    part = ArenaScoreStyle(mode="official").prepare(found.only(found.subsets["x"]))
    assert np.isfinite(part.values(np.ones((1, PROMPTS)))).all()
    assert not part.why
    for mode, version in (("corrected", "v2.0"), ("official", "v0.1")):
        assert np.isfinite(points(found, mode=mode, version=version)).all()


def test_a_policy_that_is_a_baseline_elsewhere_is_not_held_at_50():
    found = drawn()
    mixed = replace(found, itself=(found.subject == 1) & (found.cluster < 10))
    rest = found.only(~mixed.itself)
    for mode in ("corrected", "official"):
        assert points(mixed, mode=mode) == pytest.approx(points(rest, mode=mode), abs=1e-7)
