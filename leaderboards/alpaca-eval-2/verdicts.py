"""Join the recorded judgments of AlpacaEval 2 into a verdict table, and lay out a mirror of the hub beside it.

    python verdicts.py DATA OUT

DATA holds annotations.parquet (model, index, row, preference, len_output, len_baseline, annotator),
instructions.parquet (index, dataset, instruction_difficulty), gamed_rows_surrogate.csv and the baseline's outputs. OUT
gets verdicts.parquet, in the form that `judgebench import table` reads, and mirror/, for `--data-dir`.
"""

import gzip
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

BASELINE = "gpt4_1106_preview"


def verdicts(annotations: pa.Table, instructions: pa.Table) -> pa.Table:
    """One row a verdict, under the names of the verdict table's columns."""
    place = pc.index_in(annotations["index"].cast(pa.int64()), instructions["index"].combine_chunks())
    about = instructions.select(["dataset", "instruction_difficulty"]).take(place)
    joined = annotations
    for name in about.column_names:
        joined = joined.append_column(name, about[name])
    joined = joined.sort_by([("model", "ascending"), ("row", "ascending")])
    recorded = joined["preference"]
    draw_apart = pc.if_else(pc.equal(recorded, 0.0), 1.5, recorded)  # a draw was recorded as 0
    return pa.table(
        {
            "item": joined["index"].cast(pa.string()),
            "subject": joined["model"],
            "opponent": pa.array([BASELINE] * len(joined)),
            "judge": joined["annotator"],
            "preference": pc.subtract(draw_apart, 1.0),
            "category": joined["dataset"],
            "item.difficulty": joined["instruction_difficulty"],
            "response.length": joined["len_output"],
            "response.row": joined["row"],
            "opponent.length": joined["len_baseline"],
        }
    )


def main(data: Path, out: Path) -> None:
    """Write both into the folder `out`."""
    mirror = out / "mirror/tatsu-lab/alpaca_eval"
    mirror.mkdir(parents=True, exist_ok=True)
    (mirror / "df_gamed.csv").write_bytes((data / "gamed_rows_surrogate.csv").read_bytes())
    baseline = gzip.decompress((data / f"model_outputs/{BASELINE}.json.gz").read_bytes())
    (mirror / "alpaca_eval_gpt4_baseline.json").write_bytes(baseline)
    table = verdicts(pq.read_table(data / "annotations.parquet"), pq.read_table(data / "instructions.parquet"))
    pq.write_table(table, out / "verdicts.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
