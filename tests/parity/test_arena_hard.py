"""Arena-Hard against the official figures: recorded battles, and the Korean set's 76 models."""

import csv
import importlib.util
from dataclasses import replace
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
import pytest

from judgebench import Measure, Preference, app
from judgebench.components.benchmarks.arena_hard import ArenaHardV01
from judgebench.components.benchmarks.prompts import COMPONENT as Prompts
from judgebench.engine.analyse import analyse, build_measures
from judgebench.engine.evidence import gather, load
from judgebench.engine.inference import Inference, measured
from judgebench.forms.answers import read_answers

ROOT = Path(__file__).parents[2]


def script(name):
    spec = importlib.util.spec_from_file_location("script", ROOT / "leaderboards" / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def known():
    return app.registry()


@pytest.fixture(scope="module")
def korean(recorded, known, tmp_path_factory):
    """The 76 models' recorded verdicts, imported."""
    folder = tmp_path_factory.mktemp("arena-hard-korean")
    script("arena-hard-korean/verdicts.py").main(recorded / "arena_hard", folder)
    app.import_run("table", [folder / "verdicts.parquet"], folder / "run", known, app.Wanted("arena-hard-v0.1"))
    (evidence,) = gather([load(folder / "run")])
    return evidence


@pytest.fixture(scope="module")
def expected(recorded):
    with (recorded / "arena_hard/ko_expected.csv").open() as file:
        return {row["model"]: row for row in csv.DictReader(file)}


OFFICIAL = ("arena-score", "arena-score,version=v2.0", "arena-score-style,version=v2.0")


def made(evidence, known, mode, *specs):
    """The measures, ready on the one table that they share, by their specs."""
    return {found.label: found for found in measured(evidence, build_measures(evidence, known, specs, mode))}


@pytest.fixture(scope="module")
def official(korean, known):
    return made(korean, known, "official", *OFFICIAL)


def points(evidence, found):
    """Point estimates by subject: the fit on the data themselves."""
    values = found.prepared.values(np.ones((1, found.table.n_clusters)))[0]
    return {evidence.shown(key): value for (key, _), value in zip(found.keys, values, strict=True)}


def board(evidence, known, spec, mode, replicates=200):
    """Estimates by subject."""
    found = analyse([evidence], known, Inference("percentile", replicates=replicates), [spec], mode=mode)
    return {row.subject: row for row in found.estimates}


def distances(found, expected, column):
    return {model: abs(found[model] - float(row[column])) for model, row in expected.items() if row[column]}


def test_v01_scores_are_the_published_ones(korean, official, expected):
    away = distances(points(korean, official["arena-score"]), expected, "v01_published_no_control_score")
    assert len(away) == 38
    assert away.pop("o4-mini-high") < 0.051  # a game of it is missing from the data
    assert max(away.values()) <= 0.0051  # they are published with two decimals


def test_v20_scores_are_the_official_ones(korean, official, known, expected):
    spec = "arena-score,version=v2.0"
    away = distances(points(korean, official[spec]), expected, "v2_no_control_point")
    assert len(away) == 38
    assert max(away.values()) < 1e-9
    rows = board(korean, known, spec, "official")
    away = distances({model: row.value for model, row in rows.items()}, expected, "v2_no_control_scores")
    assert max(away.values()) < 0.5  # both are means of 100 resamples
    assert {(row.confidence, row.method) for row in rows.values()} == {(0.9, "rows")}
    for model, row in expected.items():
        width = rows[model].high - rows[model].low
        assert width == pytest.approx(float(row["v2_no_control_upper"]) - float(row["v2_no_control_lower"]), rel=0.5)


def test_v20_style_control_is_the_official_optimum(korean, official, expected):
    away = distances(points(korean, official["arena-score-style,version=v2.0"]), expected, "v2_style_fullfit_exact")
    assert len(away) == 37
    assert max(away.values()) < 1e-3


MISSING = "o4-mini-high"
"""Whose second game on one prompt the data lack: a plain loss, since its published score follows from nothing else."""


@pytest.fixture(scope="module")
def whole(korean):
    """The recorded verdicts, and the one that is missing."""
    (key,) = [key for key, line in korean.content.verdicts.items() if line.miss is not None]
    line = korean.content.verdicts[key]
    assert korean.named(line.slots[0]) == MISSING
    assert line.order == (0, 1)  # the policy's answer was shown first
    found = msgspec.structs.replace(line, miss=None, preference=Preference((0.0, 1.0), "B>A"))
    content = replace(korean.content, verdicts={**korean.content.verdicts, key: found})
    return replace(korean, content=content)


@pytest.fixture(scope="module")
def of_whole(whole, known):
    return made(whole, known, "official", "arena-score")["arena-score"]


def test_with_the_missing_game_every_v01_score_is_the_published_one(whole, of_whole, expected):
    away = distances(points(whole, of_whole), expected, "v01_published_no_control_score")
    assert max(away.values()) <= 0.0051


def test_v01_style_control_stops_where_the_official_optimiser_does(whole, of_whole, korean, official, known, expected):
    """The reference is no optimum: it is where L-BFGS stops by scikit-learn's defaults, versions 1.4 to 1.9.

    With the game that the data lack it is met to its two decimals, by 37 models of 37. Measured beside it, on the same
    134,312 rows: scikit-learn's own fit gives the reference's very digits after 52 iterations; versions up to 1.3,
    which go on for 70, and a fit to the optimum (116) end up to 0.17 points elsewhere (median 0.03). One game moves the
    path: without it the stop is up to 0.14 points away, the optimum still 0.17.
    """
    column = "v01_ref_style_control_72models_win"
    names, one = regression(whole, of_whole, known)
    away = distances(dict(zip(names, one.stopped().tolist(), strict=True)), expected, column)
    assert len(away) == 37
    assert max(away.values()) <= 0.0051
    fit = one.control(one.rows.cluster, one.clusters)
    optimum = one.scores(fit.intercepts, fit.coefficients)
    from_optimum = distances(dict(zip(names, optimum.tolist(), strict=True)), expected, column)
    names, one = regression(korean, official["arena-score"], known)
    without_the_game = distances(dict(zip(names, one.stopped().tolist(), strict=True)), expected, column)
    print(f"optimum {max(from_optimum.values()):.3f}, without the game {max(without_the_game.values()):.3f} points off")
    assert 0.16 < max(from_optimum.values()) < 0.18
    assert max(without_the_game.values()) < 0.15


def regression(evidence, found, known):
    """Names of the policies of a table, and their regression in the official form of v0.1."""
    columns, keys = found.table, found.keys
    measure = known.get(Measure, "arena-score-style")(mode="official")
    counts, _ = measure._counts(columns)
    ((subjects, one),) = measure._parts(columns, measure._games(columns, counts), counts)
    return [evidence.shown(keys[subject][0]) for subject in subjects], one


def test_who_has_no_style_is_named(korean, known):
    """Four models came without answers' counts: they must not vanish from the table in silence."""
    found = analyse([korean], known, Inference("percentile", replicates=50), ["arena-score", "arena-score-style"])
    notes = found.provenance["runs"][0]["notes"]
    names = ("gemini-2.0-flash-lite-001", "llama-3.1-405b-instruct", "llama-3.1-70b-instruct", "llama-3.1-8b-instruct")
    (said,) = [note for note in notes if "no estimate" in note]
    assert said.startswith(", ".join(names) + ": arena-score-style: no estimate: the style of its answers is not known")
    styled = {row.subject for row in found.estimates if row.measure == "arena-score-style"}
    assert len(styled) == 71
    assert not styled & set(names)
    assert not [note for note in notes if "same items" in note]


def test_corrected_scores_leave_out_the_baselines_games_against_itself(korean, known):
    found = points(korean, made(korean, known, "corrected", "arena-score")["arena-score"])
    assert np.isnan(found["claude-3.7-sonnet"])
    assert sum(np.isfinite(value) for value in found.values()) == 75


def test_clustered_intervals_are_wider_than_row_wise_ones(korean, known):
    rows = board(korean, known, "arena-score", "official")
    clustered = board(korean, known, "arena-score", "corrected", 1000)
    ratios = {name: (row.high - row.low) / (rows[name].high - rows[name].low) for name, row in clustered.items()}
    print(f"clustered over row-wise width: {min(ratios.values()):.2f} to {max(ratios.values()):.2f}")
    assert 1.5 < median(ratios.values()) < 1.9


def test_recorded_battles_give_the_published_scores(recorded, known, tmp_path):
    battles = recorded / "arena_hard/v0.1/battles_gpt-4-1106-preview.jsonl.gz"
    app.import_run("arena-hard", [battles], tmp_path / "run", known)
    (evidence,) = gather([load(tmp_path / "run")])
    for mode in ("official", "corrected"):
        found = points(evidence, made(evidence, known, mode, "arena-score")["arena-score"])
        assert found["gpt-4-0613"] == pytest.approx(37.90192926045016, abs=1e-9)
        assert found["gpt-3.5-turbo-0125"] == pytest.approx(23.338048090523337, abs=1e-9)


def test_real_questions_and_answers_become_items(recorded, tmp_path):
    script("arena-hard-local/mirror.py").main(recorded / "arena_hard", tmp_path)
    items = {item.id: item for item in ArenaHardV01(data_dir=str(tmp_path)).items()}
    assert len(items) == 500
    answers = read_answers(recorded / "arena_hard/v0.1/model_answer/gpt-4-0314.jsonl.gz")
    for name, answer in answers.by_id.items():
        assert items[name].baseline.turns == answer.turns
        assert items[name].baseline.features == answer.features


def test_official_questions_as_prompts_are_resampled_as_the_benchmarks_are(recorded, tmp_path):
    script("arena-hard-local/mirror.py").main(recorded / "arena_hard", tmp_path)
    own = ArenaHardV01(data_dir=str(tmp_path)).items()
    prompts = Prompts(str(recorded / "arena_hard/v0.1/question.jsonl.gz")).items()
    assert [(i.id, i.turns, i.cluster, i.stratum) for i in prompts] == [
        (i.id, i.turns, i.cluster, i.stratum) for i in own
    ]
