"""Join the recorded judgments on LLMBar into a verdict table.

    python verdicts.py DATA OUT

DATA holds llmbar_recorded_judgments.parquet (id, subset, judge, template, label, winner_unswapped, winner_swapped):
label and winners are `1` or `2`, one of the original pair's two outputs, whichever was shown first; `None`: no verdict.
OUT gets verdicts.parquet, in the form that `judgebench import table` reads; output_1 is its `a`.
"""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

WINNERS = ("winner_unswapped", "winner_swapped")
OF_FIRST = {"1": "win", "2": "loss", "None": None}
GOLD = {"1": "a", "2": "b"}


def verdicts(judgments: pa.Table) -> pa.Table:
    """Two rows a judgment, under the names of the verdict table's columns."""
    rows = [(row, order) for row in judgments.to_pylist() for order in range(len(WINNERS))]
    return pa.table(
        {
            "item": [row["id"] for row, _ in rows],
            "judge": [f"{row['judge']}/{row['template']}" for row, _ in rows],
            "order": [order for _, order in rows],
            "label": pa.array([OF_FIRST[str(row[WINNERS[order]])] for row, order in rows], pa.string()),
            "category": [row["subset"] for row, _ in rows],
            "gold": [GOLD[str(row["label"])] for row, _ in rows],
        }
    )


def main(data: Path, out: Path) -> None:
    """Write the table into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    pq.write_table(verdicts(pq.read_table(data / "llmbar_recorded_judgments.parquet")), out / "verdicts.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
