"""Style-controlled Arena-Hard scores: one fit, and 1,000 refits on resampled prompts, beside the official code.

    python bench/style_control.py [--refits 1000] [--data DIR] [--official CHECKOUT --python PYTHON [--rounds 3]]

DIR holds the Korean set's ko_judgments.parquet and style_features.parquet (default: ../shared/data/arena_hard; without
it, rows of the same size are drawn). CHECKOUT is a checkout of arena-hard-auto, whose utils/math_utils.py is run by
PYTHON, which has torch: as many rounds of its bootstrap as asked for, on the same rows, one thread each. Everything in
one run, one thing after the other; CPU is user and system. Nothing is asserted: read the ratio.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from judgebench.stats import bootstrap_counts, rescaling
from judgebench.stats.arena_style import ArenaStyle, Rows
from judgebench.stats.style_features import contrasts

BASELINE, SOURCE = "claude-3.7-sonnet", "ko-arena-hard-v0.1"
STYLE = ("token_len", "header_count", "list_count", "bold_count")
WON = {"A>>B": 1.0, "A>B": 1.0, "A=B": 0.5, "B>A": 0.0, "B>>A": 0.0}
OFFICIAL = """
import sys, time
sys.path.insert(0, sys.argv[1])
import numpy as np, torch
from utils.math_utils import bootstrap_pairwise_model, fit_pairwise_model
torch.set_num_threads(1)
data = np.load(sys.argv[2])
features, outcomes = torch.tensor(data["features"]), torch.tensor(data["outcomes"])
wall, cpu = time.perf_counter(), time.process_time()
bootstrap_pairwise_model(features, outcomes, loss_type="bt", num_round=int(sys.argv[3]))
took = time.perf_counter() - wall, time.process_time() - cpu
fitted, _ = fit_pairwise_model(features, outcomes, loss_type="bt")
np.savez(sys.argv[4], took=took, fitted=fitted.numpy())
"""


def recorded(folder: Path) -> tuple[Rows, int, int]:
    """The Korean set's games with known style, the baseline's own left out."""
    import pyarrow.parquet as pq

    style = {
        (row["model"], row["uid"]): [float(row[name]) for name in STYLE]
        for row in pq.read_table(folder / "style_features.parquet").to_pylist()
        if row["source"] == SOURCE
    }
    games = [
        row
        for row in pq.read_table(folder / "ko_judgments.parquet").to_pylist()
        if row["model"] != BASELINE and (row["model"], row["uid"]) in style
    ]
    models, prompts = (sorted({row[name] for row in games}) for name in ("model", "uid"))
    first = np.array([WON[row["verdict"]] for row in games])
    counts = np.array([[style[row["model"], row["uid"]], style[BASELINE, row["uid"]]] for row in games])
    rows = Rows(
        subject=np.array([models.index(row["model"]) for row in games]),
        itself=np.zeros(len(games), dtype=bool),
        cluster=np.array([prompts.index(row["uid"]) for row in games]),
        outcome=np.where([row["game"] == 1 for row in games], 1.0 - first, first),
        weight=np.array([3.0 if ">>" in row["verdict"] else 1.0 for row in games]),
        contrast=contrasts(counts, "v2.0"),
    )
    return rows, len(models), len(prompts)


def drawn(models: int = 71, prompts: int = 500) -> tuple[Rows, int, int]:
    """Games of the same number, seeded."""
    rng = np.random.default_rng(0)
    subject = np.repeat(np.arange(models), 2 * prompts)
    contrast = np.repeat(rng.normal(size=(models * prompts, 4)), 2, axis=0)
    odds = rng.normal(-1.0, 1.5, models)[subject] + contrast @ np.array([1.4, 0.0, -0.2, 0.1])
    rows = Rows(
        subject=subject,
        itself=np.zeros(len(subject), dtype=bool),
        cluster=np.tile(np.repeat(np.arange(prompts), 2), models),
        outcome=(rng.random(len(subject)) < 1 / (1 + np.exp(-odds))).astype(float),
        weight=np.where(rng.random(len(subject)) < 0.4, 3.0, 1.0),
        contrast=contrast,
    )
    return rows, models, prompts


def official(checkout: str, python: str, style: ArenaStyle, rounds: int) -> tuple[tuple[float, float], np.ndarray]:
    """Seconds (wall, CPU) of so many rounds, and the scores that its one fit gives."""
    games = style.rows
    row = np.repeat(np.arange(len(games.weight)), games.weight.astype(int))
    mean, spread = games.contrast[row].mean(axis=0), games.contrast[row].std(axis=0, ddof=1)
    hot = np.zeros((len(row), style.subjects + 1))
    hot[np.arange(len(row)), games.subject[row]] = 1.0
    hot[:, -1] = -1.0
    features = np.hstack([hot, (games.contrast[row] - mean) / spread])
    with tempfile.TemporaryDirectory() as folder:
        given, got = Path(folder) / "rows.npz", Path(folder) / "fitted.npz"
        np.savez(given, features=features.astype(np.float32), outcomes=games.outcome[row].astype(np.float32))
        command = [python, "-c", OFFICIAL, checkout, str(given), str(rounds), str(got)]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        found = np.load(got)
    odds = found["fitted"][: style.subjects] - found["fitted"][style.subjects]
    wall, cpu = found["took"]
    return (float(wall), float(cpu)), 100 / (1 + np.exp(-odds))


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--refits", type=int, default=1000)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/arena_hard"))
    parser.add_argument("--official", metavar="CHECKOUT")
    parser.add_argument("--python", default="python3")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    there = (arguments.data / "ko_judgments.parquet").is_file()
    rows, models, prompts = recorded(arguments.data) if there else drawn()
    print(f"{'recorded' if there else 'drawn'}: {models} models, {prompts} prompts, {len(rows.subject)} games\n")
    style = ArenaStyle(
        rows, "v2.0", models, prompts
    )  # the official columns; the corrected form differs in none of cost
    strata = np.zeros(prompts, dtype=np.int64)
    table = []
    with threadpool_limits(1):
        wall, cpu = time.perf_counter(), time.process_time()
        control = style.control(rows.cluster, prompts)
        table.append(("one fit", 1, time.perf_counter() - wall, time.process_time() - cpu))
        weights = bootstrap_counts(strata, arguments.refits, 0) * rescaling(strata)
        best = (float("inf"), float("inf"))
        for _ in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            control.refits(weights)
            best = min(best, (time.perf_counter() - wall, time.process_time() - cpu), key=lambda took: took[1])
        table.append((f"{arguments.refits:,} refits to the optimum", arguments.refits, *best))
    print("| what | wall s | CPU s | CPU s a fit |\n|---|---|---|---|")
    for what, number, wall, cpu in table:
        print(f"| {what} | {wall:.2f} | {cpu:.2f} | {cpu / number:.5f} |")
    if arguments.official:
        (wall, cpu), scores = official(arguments.official, arguments.python, style, arguments.rounds)
        each, ours = cpu / arguments.rounds, table[1][3] / arguments.refits
        print(f"| official, {arguments.rounds} rounds of its bootstrap | {wall:.2f} | {cpu:.2f} | {each:.5f} |")
        away = np.abs(scores - style.scores(control.intercepts, control.coefficients))
        print(f"\nA refit takes the official code {each / ours:,.0f} times as long; its one fit ends at most")
        print(f"{away.max():.1f} points from the optimum (median {np.median(away):.1f}).")


if __name__ == "__main__":
    main()
