"""Official annotation files, as `judgebench import alpaca-eval` takes them in without further ado, on boards."""

import csv
import gzip
import json
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from judgebench import app
from judgebench.store.record import read

MODELS = ("NullModel", "claude-2", "oasst-sft-pythia-12b", "text_davinci_001", "vicuna-7b-v1.5")
PUBLISHED = ("NullModel", "oasst-sft-pythia-12b", "text_davinci_001")
"""Those of them whose length-controlled win rates the recorded official leaderboard holds."""
MISALIGNED = "text_davinci_001"
"""Its file lacks two rows, so that officially the difficulty of other instructions is looked up."""
BASELINE = "gpt4_1106_preview"


def outputs(folder, model):
    with gzip.open(folder / f"model_outputs/{model}.json.gz") as file:
        return json.load(file)


@pytest.fixture(scope="module")
def official(recorded, tmp_path_factory):
    """A folder with the models' annotation files, made of verdicts and answers, and a mirror of the hub."""
    import pyarrow.parquet as pq

    source, folder = recorded / "alpaca_eval_2", tmp_path_factory.mktemp("annotations")
    baseline = outputs(source, BASELINE)
    judged = pq.read_table(source / "annotations.parquet", filters=[("model", "in", MODELS)]).to_pylist()
    for model in MODELS:
        answers = {row["instruction"]: row["output"] for row in outputs(source, model)}
        rows = []
        for row in sorted((row for row in judged if row["model"] == model), key=lambda row: row["row"]):
            theirs = baseline[row["index"]]
            own = answers[theirs["instruction"]]
            assert (len(own), len(theirs["output"])) == (row["len_output"], row["len_baseline"])
            rows.append(
                {
                    "instruction": theirs["instruction"],
                    "output_1": theirs["output"],
                    "generator_1": BASELINE,
                    "dataset": theirs["dataset"],
                    "output_2": own,
                    "generator_2": model,
                    "annotator": row["annotator"],
                    "preference": row["preference"],
                }
            )
        (folder / model).mkdir()
        (folder / model / "annotations.json").write_text(json.dumps(rows))
    mirror = folder / "mirror/tatsu-lab/alpaca_eval"
    mirror.mkdir(parents=True)
    (mirror / "alpaca_eval_gpt4_baseline.json").write_text(json.dumps(baseline))
    (mirror / "df_gamed.csv").write_bytes((source / "gamed_rows_surrogate.csv").read_bytes())
    return folder


def taken_in(official, name, *options):
    """The run folder of `judgebench import`, called as a user calls it."""
    files = [f"{model}/annotations.json" for model in MODELS]
    command = [sys.executable, "-m", "judgebench.cli.main", "import", "alpaca-eval", *files, "--out", name]
    done = subprocess.run(
        [*command, "--data-dir", "mirror", "--no-board", *options], cwd=official, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return official / name


@cache
def board(folder, mode):
    """LC estimates by model, and the notes."""
    found = app.leaderboard(
        [folder], app.registry(), measures=("lc-win-rate",), mode=mode, interval="percentile", replicates=100
    )
    return {row.subject: row for row in found.estimates}, found.provenance["runs"][0]["notes"]


@pytest.fixture(scope="module")
def plain(official):
    return taken_in(official, "plain")


@pytest.fixture(scope="module")
def from_file(official):
    return taken_in(official, "from-file", "--items", "file")


@pytest.fixture(scope="module")
def expected(recorded):
    with (recorded / "alpaca_eval_2/expected.csv").open() as file:
        return {row["model"]: row for row in csv.DictReader(file) if row["model"] in MODELS}


@pytest.fixture(scope="module")
def joined(recorded, tmp_path_factory):
    """The same verdicts by way of a verdict table, which brings every item's difficulty itself."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    source, folder = recorded / "alpaca_eval_2", tmp_path_factory.mktemp("table")
    rows = pq.read_table(source / "annotations.parquet", filters=[("model", "in", MODELS)])
    about = pq.read_table(source / "instructions.parquet").to_pydict()
    difficulty = dict(zip(about["index"], about["instruction_difficulty"], strict=True))
    columns = {
        "item": rows["index"].cast(pa.string()),
        "subject": rows["model"],
        "opponent": pa.array([BASELINE] * len(rows)),
        "judge": rows["annotator"],
        "preference": pa.array([(value or 1.5) - 1 for value in rows["preference"].to_pylist()]),
        "item.difficulty": pa.array([difficulty[place] for place in rows["index"].to_pylist()]),
        "response.length": rows["len_output"],
        "response.row": rows["row"],
        "opponent.length": rows["len_baseline"],
    }
    pq.write_table(pa.table(columns), folder / "verdicts.parquet")
    mirror = folder / "mirror/tatsu-lab/alpaca_eval"
    mirror.mkdir(parents=True)
    (mirror / "df_gamed.csv").write_bytes((source / "gamed_rows_surrogate.csv").read_bytes())
    wanted = app.Wanted("alpaca-eval-2", data_dir=str(folder / "mirror"))
    app.import_run("table", [folder / "verdicts.parquet"], folder / "run", app.registry(), wanted)
    return folder / "run"


def test_the_benchmarks_own_items_are_taken(plain, recorded):
    items = {name: line.item for name, line in read(plain).items.items()}
    assert set(items) == {str(place) for place in range(805)}
    assert all(np.isfinite(item.features["difficulty"]) for item in items.values())


@pytest.mark.parametrize("kind", ["plain", "from_file"])
def test_officially_they_are_the_published_figures(kind, request, expected):
    estimates, _ = board(request.getfixturevalue(kind), "official")
    assert set(estimates) == set(MODELS)
    for model in PUBLISHED:
        row, found = expected[model], estimates[model]
        away = abs(found.value - float(row["lc_win_rate_official"]))
        print(f"{model}: {away:.4f} points from the published figure")
        official_c = float(row["C_inferred_official"] or "nan")
        assert away < (0.02 if found.details["C"] == pytest.approx(official_c, rel=1e-6) else 0.15)
    assert estimates["claude-2"].value == pytest.approx(28.2, abs=0.1)


@pytest.mark.parametrize(("kind", "mode"), [("plain", "official"), ("plain", "corrected"), ("from_file", "official")])
def test_they_are_those_of_a_table_that_brings_the_difficulty(kind, mode, request, joined):
    """The board of the 58 models, which is held to 38 published figures, is made from such a table."""
    mine, notes = board(request.getfixturevalue(kind), mode)
    theirs, _ = board(joined, mode)
    for model in MODELS:
        assert mine[model].value == pytest.approx(theirs[model].value, abs=1e-9)
        assert mine[model].details == pytest.approx(theirs[model].details, abs=1e-9)
    assert (
        notes[0] == "lc-win-rate: fitted with the benchmark's rows of gamed baselines, which its official judge judged"
    )


def test_the_files_items_have_no_difficulty_where_it_is_looked_up_by_item(plain, from_file):
    without, notes = board(from_file, "corrected")
    assert notes[0].startswith("lc-win-rate: fitted without the difficulty of prompts, which the run's items do not")
    assert notes[1].startswith("lc-win-rate: fitted without the benchmark's rows of gamed baselines")
    corrected, _ = board(plain, "corrected")
    official, _ = board(plain, "official")
    for model in MODELS:
        assert without[model].details["coefficient of difficulty"] == 0.0
        same = corrected[model].value == pytest.approx(official[model].value, abs=1e-9)
        assert same != (model == MISALIGNED)
