"""Length-controlled win rates of 58 models: one fit each, and 1,000 refits each, beside the official package.

    python bench/length_control.py [--refits 1000] [--official PYTHON [--models 4]]

Recorded judgments where they are (beside the repository, or in the folder JUDGEBENCH_TEST_DATA), else synthetic ones
of the same size. PYTHON is an interpreter with the package alpaca-eval; its `get_length_controlled_winrate` fits a few
models, their gamed rows read from a local file, and its time is extrapolated. Without it scikit-learn's liblinear takes
its place where it can be imported. BLAS runs on one thread, as judgebench and as the package are asked to; CPU is user
and system; imports and reading are not counted. Nothing is asserted: read the ratio, and CPU where others share the
machine.
"""

import argparse
import csv
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from judgebench.stats import bootstrap_counts, rescaling
from judgebench.stats.length_control import GamedRows, LengthControl, Rows, length_control

BESIDE = Path(__file__).resolve().parents[2] / "shared/data"
FOLDER = Path(os.environ.get("JUDGEBENCH_TEST_DATA") or BESIDE) / "alpaca_eval_2"

OFFICIAL = """
import json, sys, time, warnings
from unittest import mock
warnings.simplefilter("ignore")
import pandas as pd
from alpaca_eval.metrics import glm_winrate
task = json.load(open(sys.argv[1]))
def fitted(model):
    frame = pd.DataFrame({"preference": model["preference"], "index": model["row"]})
    frame["output_1"] = ["x" * n for n in model["len_baseline"]]
    frame["output_2"] = ["x" * n for n in model["len_output"]]
    frame = frame.assign(generator_1="baseline", generator_2="model", annotator="judge")
    wall, cpu = time.perf_counter(), time.process_time()
    with mock.patch.object(glm_winrate, "hf_hub_download", lambda **_: task["gamed"]):
        found = glm_winrate.get_length_controlled_winrate(frame, save_weights_dir=None)
    return found["length_controlled_winrate"], time.perf_counter() - wall, time.process_time() - cpu
fitted(task["models"][0])  # once for what is loaded late
print(json.dumps([fitted(model) for model in task["models"]]))
"""

Model = dict[str, list[float]]
"""One model's judgments by column: preference in 1..2, len_output, len_baseline, row."""


def recorded() -> tuple[dict[str, Model], np.ndarray, list[dict[str, str]]]:
    """Models, difficulty by row, and the gamed rows."""
    import pyarrow.parquet as pq

    with (FOLDER / "gamed_rows_surrogate.csv").open() as file:
        gamed = list(csv.DictReader(file))
    difficulty = np.array(pq.read_table(FOLDER / "instructions.parquet")["instruction_difficulty"].to_pylist())
    table = pq.read_table(FOLDER / "annotations.parquet").to_pydict()
    columns = ("preference", "len_output", "len_baseline", "row")
    models: dict[str, Model] = {}
    order = sorted(range(len(table["row"])), key=table["row"].__getitem__)
    for k in order:
        own = models.setdefault(table["model"][k], {name: [] for name in columns})
        for name in columns:
            own[name].append(table[name][k])
    return models, difficulty, gamed


def synthetic() -> tuple[dict[str, Model], np.ndarray, list[dict[str, str]]]:
    """As many, seeded."""
    rng = np.random.default_rng(0)
    difficulty = rng.normal(0.0, 1.5, 805)
    baseline = rng.integers(500, 4000, 805)
    models: dict[str, Model] = {}
    for k in range(58):
        length = np.maximum(1, baseline - rng.normal(500, 800, 805).astype(int))
        z = rng.normal(-1.5, 1.0) - np.tanh((baseline - length) / 900) + 0.4 * difficulty + rng.logistic(0, 1, 805)
        preference = 1 + 1 / (1 + np.exp(-4 * z))
        columns = {"preference": preference, "len_output": length, "len_baseline": baseline, "row": np.arange(805)}
        models[f"m{k}"] = {name: values.tolist() for name, values in columns.items()}
    gamed = []
    for k in range(1610):
        row = {"index": k % 805, "preference": rng.random(), "std_delta_len": rng.normal(0.0, 1.5)}
        row |= {"instruction_difficulty": difficulty[k % 805], "not_gamed_baseline": False, "model": k // 805}
        gamed.append({name: str(value) for name, value in row.items()})
    return models, difficulty, gamed


def rows_of(model: Model, difficulty: np.ndarray) -> Rows:
    columns = {name: np.array(values) for name, values in model.items()}
    lengths = (columns["len_baseline"] - columns["len_output"]).astype(float)
    return Rows(lengths, difficulty[columns["row"]], columns["preference"] - 1.0)


def official(python: str, models: list[Model], gamed: list[dict[str, str]]) -> list[tuple[float, float, float]]:
    """LC win rate, wall and CPU seconds of each model, by alpaca-eval in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        path, task = Path(name) / "df_gamed.csv", Path(name) / "task.json"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, gamed[0].keys())
            writer.writeheader()
            writer.writerows(gamed)
        task.write_text(json.dumps({"models": models, "gamed": str(path)}))
        alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        command = [python, "-c", OFFICIAL, str(task)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=alone)
    return [tuple(found) for found in json.loads(done.stdout.splitlines()[-1])]


def liblinear(fits: list[LengthControl], gamed: GamedRows) -> list[tuple[float, float, float]]:
    """The same by scikit-learn, each row twice, C given: a refit, without the choice of C."""
    from sklearn.linear_model import LogisticRegression

    found = []
    for fit in fits:
        lengths = fit.rows.length_difference / fit.rows.length_difference.std(ddof=1)
        first = np.tanh(np.concatenate([gamed.length_difference, lengths]))
        second = np.concatenate([gamed.difficulty, fit.rows.difficulty])
        third = np.repeat([0.0, 1.0], [len(gamed.preference), len(lengths)])
        target = np.concatenate([gamed.preference, fit.rows.preference])
        x, y = np.tile(np.stack([first, second, third], axis=1), (2, 1)), np.repeat([1, 0], len(target))
        weight = np.tile(np.where(third == 0.0, 0.1, 1.0), 2) * np.concatenate([target, 1.0 - target])
        wall, cpu = time.perf_counter(), time.process_time()
        model = LogisticRegression(
            C=fit.strength, l1_ratio=1.0, solver="liblinear", fit_intercept=False, random_state=123
        ).fit(x, y, sample_weight=weight)
        beta = model.coef_[0]
        rate = 100 / (1 + np.exp(-(beta[1] * fit.rows.difficulty + beta[2])))
        found.append((float(rate.mean()), time.perf_counter() - wall, time.process_time() - cpu))
    return found


@threadpool_limits.wrap(limits=1, user_api="blas")
def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--refits", type=int, default=1000)
    parser.add_argument("--official", metavar="PYTHON")
    parser.add_argument("--models", type=int, default=4, help="how many the official package fits")
    args = parser.parse_args()
    real = FOLDER.is_dir()
    models, difficulty, rows = recorded() if real else synthetic()
    columns = ("std_delta_len", "instruction_difficulty", "preference")
    gamed = GamedRows(*(np.array([float(row[name]) for row in rows]) for name in columns))
    ready = {name: rows_of(model, difficulty) for name, model in models.items()}

    wall, cpu = time.perf_counter(), time.process_time()
    fits = {name: length_control(own, gamed) for name, own in ready.items()}
    chosen = time.perf_counter() - wall, time.process_time() - cpu

    wall, cpu = time.perf_counter(), time.process_time()
    strata = np.zeros(len(difficulty), dtype=int)
    weights = bootstrap_counts(strata, args.refits, 0) * rescaling(strata)
    for name, fit in fits.items():
        held = models[name]["row"]
        fit.refits(weights if len(held) == weights.shape[1] else weights[:, held])
    refitted = time.perf_counter() - wall, time.process_time() - cpu

    python = sys.version.split()[0]
    source = f"recorded judgments in {FOLDER}" if real else "synthetic judgments"
    print(f"{len(models)} models, {source}, {os.cpu_count()} cores, Python {python}, numpy {np.__version__}\n")
    print("| what | wall s | CPU s | ratio of CPU |\n|---|---|---|---|")
    some = [name for name, fit in fits.items() if not np.isnan(fit.strength)][:: max(1, len(fits) // args.models)]
    some = some[: args.models]
    if args.official:
        what, found = "alpaca-eval", official(args.official, [models[name] for name in some], rows)
    elif importlib.util.find_spec("sklearn"):
        what, found = "liblinear at a given C", liblinear([fits[name] for name in some], gamed)
    else:
        what, found = "", []
    board = f"{len(models)} × {args.refits:,} refits"
    for label, times, number in (
        ("C chosen and fitted, all models", chosen, len(models)),
        (board, refitted, len(models) * args.refits),
    ):
        print(f"| {label} | {times[0]:.2f} | {times[1]:.2f} | 1 |")
        if found:
            each = np.mean([times for _, *times in found], axis=0) * number
            shown = f"{what}, extrapolated from {len(found)} fits"
            print(f"| {label}: {shown} | {each[0]:,.1f} | {each[1]:,.1f} | {each[1] / times[1]:,.0f} |")
    if found:
        away = [abs(value - fits[name].win_rate) for name, (value, *_) in zip(some, found, strict=True)]
        print(f"\nLC win rates of {', '.join(some)}: at most {max(away):.3f} points from those of {what}")
    else:
        print("\nNeither --official nor scikit-learn: what others need is left out")


if __name__ == "__main__":
    main()
