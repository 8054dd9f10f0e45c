"""Join the recorded judgments of the Korean Arena-Hard into a verdict table.

    python verdicts.py DATA OUT

DATA holds ko_judgments.parquet (model, uid, game, verdict, judge) and style_features.parquet (model, uid, token_len,
header_count, list_count, bold_count, source). OUT gets verdicts.parquet, in the form that `judgebench import table`
reads. Game 1 showed the baseline as A. A game that is not there is a row without a verdict: two were planned of each.
"""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

BASELINE, SOURCE = "claude-3.7-sonnet", "ko-arena-hard-v0.1"
STYLE = {"tokens": "token_len", "headers": "header_count", "lists": "list_count", "bold": "bold_count"}


def verdicts(judgments: pa.Table, features: pa.Table) -> pa.Table:
    """One row a planned game, under the names of the verdict table's columns."""
    rows = judgments.to_pylist()
    said = {(row["model"], row["uid"], row["game"]): row["verdict"] for row in rows}
    judge = {(row["model"], row["uid"]): row["judge"] for row in rows}
    style = {(row["model"], row["uid"]): row for row in features.to_pylist() if row["source"] == SOURCE}
    games = [(model, uid, game) for model, uid in sorted(judge) for game in (1, 2)]
    columns: dict[str, list[object]] = {
        "item": [uid for _, uid, _ in games],
        "subject": [model for model, _, _ in games],
        "opponent": [BASELINE] * len(games),
        "judge": [judge[model, uid] for model, uid, _ in games],
        "order": [1 if game == 1 else 0 for _, _, game in games],
        "label": [said.get(game) for game in games],
    }
    for name, column in STYLE.items():
        columns[f"response.{name}"] = [style.get((model, uid), {}).get(column) for model, uid, _ in games]
        columns[f"opponent.{name}"] = [style.get((BASELINE, uid), {}).get(column) for _, uid, _ in games]
    return pa.table(columns)


def main(data: Path, out: Path) -> None:
    """Write the table into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    found = verdicts(pq.read_table(data / "ko_judgments.parquet"), pq.read_table(data / "style_features.parquet"))
    pq.write_table(found, out / "verdicts.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
