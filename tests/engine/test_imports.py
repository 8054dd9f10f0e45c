import csv
import json

import pytest

from judgebench import ConfigError, DataError, app
from judgebench.core.errors import RecordError
from judgebench.store.lines import VerdictLine
from judgebench.store.manifest import load
from judgebench.store.record import read

FEW = {"interval": "percentile", "replicates": 50}
PLAIN = app.Wanted(reference=False, measures=("win-rate", "miss-rate"))
TABLE = app.Wanted("alpaca-eval-2", reference=False, measures=("win-rate", "miss-rate"))


@pytest.fixture(scope="module")
def known():
    return app.registry()


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch, tmp_path):
    """Nothing may ask the hub: what is not in this folder is not there."""
    monkeypatch.setenv("JUDGEBENCH_DATA", str(tmp_path / "mirror"))


def annotation(n, preference, model="model", **change):
    return {
        "instruction": f"question {n}",
        "output_1": f"base {n}",
        "generator_1": "base",
        "dataset": "koala" if n % 2 else "vicuna",
        "output_2": f"{model} {n}",
        "generator_2": model,
        "annotator": "judge",
        "preference": preference,
        **change,
    }


def annotations(folder, name, *rows):
    path = folder / name
    path.write_text(json.dumps(rows))
    return path


def table(folder, name, *rows):
    path = folder / name
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def verdict(item, preference, order=0, subject="x", **change):
    row = {"item": item, "subject": subject, "opponent": "base", "judge": "j", "order": order, "repeat": 0}
    return {**row, "preference": preference, **change}


def mirror(folder, size=4):
    """The benchmark of the same name with the items that `annotation` speaks of."""
    place = folder / "mirror/tatsu-lab/alpaca_eval"
    place.mkdir(parents=True)
    rows = [
        {"dataset": "own", "instruction": f"question {n}", "output": f"base {n}", "generator": "base"}
        for n in range(size)
    ]
    (place / "alpaca_eval_gpt4_baseline.json").write_text(json.dumps(rows))
    lines = [f"concise,{n},0.5,{n - 1.5},{n / 4},False" for n in range(size)]
    header = "model,index,preference,std_delta_len,instruction_difficulty,not_gamed_baseline"
    (place / "df_gamed.csv").write_text("\n".join([header, *lines]) + "\n")


def board(folder, known, **options):
    made = app.leaderboard([folder], known, **FEW, **options)
    return {(estimate.measure, estimate.subject): estimate for estimate in made.estimates}


def test_annotations_become_a_board(tmp_path, known):
    given = (1.25, 2.0, 0, None, 1.5)
    path = annotations(tmp_path, "a.json", *(annotation(n, p) for n, p in enumerate(given)))
    manifest = app.import_run("alpaca-eval", [path], tmp_path / "run", known, PLAIN)
    assert manifest.benchmark == "alpaca-eval-2"
    assert load(tmp_path / "run") == manifest
    found = board(tmp_path / "run", known)
    assert found["win-rate", "model"].value == pytest.approx(100 * (0.25 + 1.0 + 0.5 + 0.5) / 4)
    assert (found["win-rate", "model"].n, found["win-rate", "model"].judge) == (4, "judge")
    assert found["miss-rate", "judge"].value == pytest.approx(20.0)


def test_both_orders_and_repeats_of_a_table_are_turned_and_averaged(tmp_path, known):
    rows = [
        verdict("1", 0.9, 0),
        verdict("1", 0.5, 1),
        verdict("2", 0.2, 0),
        verdict("2", 0.4, 1),
        verdict("1", 0.25, 0, "y"),
        verdict("2", 0.5, 0, "y"),
    ]
    app.import_run("table", [table(tmp_path, "t.csv", *rows)], tmp_path / "run", known, TABLE)
    found = board(tmp_path / "run", known)
    assert found["win-rate", "x"].value == pytest.approx(100 * (0.7 + 0.3) / 2)
    assert found["win-rate", "y"].value == pytest.approx(100 * (0.25 + 0.5) / 2)
    shown = {
        (line.item, line.order): line.preference.probs
        for line in read(tmp_path / "run").verdicts.values()
        if line.slots[0].startswith("x#")
    }
    assert shown["1", (0, 1)] == pytest.approx((0.9, 0.1))
    assert shown["2", (1, 0)] == pytest.approx((0.6, 0.4))


def test_verdicts_about_ready_responses_have_no_policy(tmp_path, known):
    rows = [
        {"item": str(n), "judge": "j", "order": order, "gold": "a", "preference": 1.0 - order * (n == 2)}
        for n in range(4)
        for order in (0, 1)
    ]
    wanted = app.Wanted("alpaca-eval-2", reference=False, measures=("accuracy", "position-consistency"))
    app.import_run("table", [table(tmp_path, "t.csv", *rows)], tmp_path / "run", known, wanted)
    found = board(tmp_path / "run", known)
    assert found["position-consistency", "j"].value == pytest.approx(75.0)
    assert found["accuracy", "j"].value == pytest.approx(100 * 7 / 8)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_importing_the_same_again_changes_nothing(tmp_path, known):
    path = annotations(tmp_path, "a.json", *(annotation(n, 1.25) for n in range(4)))
    for form, file, wanted in (
        ("alpaca-eval", path, PLAIN),
        ("table", table(tmp_path, "t.csv", verdict("1", 0.5), verdict("2", None)), TABLE),
    ):
        folder = tmp_path / form
        first = app.import_run(form, [file], folder, known, wanted)
        before = contents(folder)
        assert app.import_run(form, [file], folder, known, wanted) == first
        assert app.import_run(form, [file, file], folder, known, wanted) == first
        assert contents(folder) == before


@pytest.mark.parametrize("split", ["by model", "by item"])
def test_one_file_after_the_other_is_both_at_once(split, tmp_path, known):
    rows = [annotation(n, 1.0 + (n + k) / 9, model) for k, model in enumerate(("a", "b")) for n in range(5)]
    groups = (rows[:5], rows[5:]) if split == "by model" else (rows[:3] + rows[5:8], rows[3:5] + rows[8:])
    one, other = (annotations(tmp_path, f"{n}.json", *group) for n, group in enumerate(groups))
    app.import_run("alpaca-eval", [one, other], tmp_path / "both", known, PLAIN)
    app.import_run("alpaca-eval", [one], tmp_path / "turns", known, PLAIN)
    app.import_run("alpaca-eval", [other], tmp_path / "turns", known, PLAIN)
    both, turns = read(tmp_path / "both"), read(tmp_path / "turns")
    assert (both.items, both.answers, both.verdicts) == (turns.items, turns.answers, turns.verdicts)
    assert board(tmp_path / "both", known) == board(tmp_path / "turns", known)
    for made in (load(tmp_path / "both"), load(tmp_path / "turns")):
        assert set(made.sources) == {"0.json", "1.json"}
        assert len(made.subjects) == 3


def test_a_malformed_file_leaves_no_folder(tmp_path, known):
    good = annotations(tmp_path, "good.json", annotation(0, 1.5))
    bad = annotations(tmp_path, "bad.json", annotation(1, 1.5), annotation(2, 7))
    with pytest.raises(DataError, match=r"bad\.json, row 2: preference is 7"):
        app.import_run("alpaca-eval", [good, bad], tmp_path / "run", known, PLAIN)
    with pytest.raises(DataError, match="row 1: preference is 2"):
        app.import_run("table", [table(tmp_path, "t.csv", verdict("1", 2))], tmp_path / "run", known, TABLE)
    with pytest.raises(DataError, match=r"none\.json"):
        app.import_run("alpaca-eval", [tmp_path / "none.json"], tmp_path / "run", known, PLAIN)
    assert not (tmp_path / "run").exists()


def test_a_malformed_file_leaves_a_run_as_it_is(tmp_path, known):
    good = annotations(tmp_path, "good.json", annotation(0, 1.5))
    bad = annotations(tmp_path, "bad.json", annotation(1, 1.5), annotation(2, 7))
    app.import_run("alpaca-eval", [good], tmp_path / "run", known, PLAIN)
    before = contents(tmp_path / "run")
    with pytest.raises(DataError):
        app.import_run("alpaca-eval", [bad], tmp_path / "run", known, PLAIN)
    assert contents(tmp_path / "run") == before


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"preference": 1.75}, "two verdicts of 'judge' on item"),
        ({"output_2": "another"}, "two answers of 'model' on item"),
        ({"generator_2": "b", "output_1": "another"}, "twice with different content"),
        ({"generator_2": "b", "dataset": "other"}, "twice with different content"),
    ],
)
def test_rows_that_contradict_each_other_are_an_error(change, complaint, tmp_path, known):
    one = annotations(tmp_path, "one.json", annotation(0, 1.5))
    other = annotations(tmp_path, "other.json", annotation(0, 1.5) | change)
    with pytest.raises(DataError, match=complaint):
        app.import_run("alpaca-eval", [one, other], tmp_path / "run", known, PLAIN)
    assert not (tmp_path / "run").exists()


def test_items_that_contradict_the_record_are_refused(tmp_path, known):
    one = annotations(tmp_path, "one.json", annotation(0, 1.5))
    other = annotations(tmp_path, "other.json", annotation(0, 1.5, "b", output_1="another"))
    app.import_run("alpaca-eval", [one], tmp_path / "run", known, PLAIN)
    before = contents(tmp_path / "run")
    with pytest.raises(RecordError, match="different content"):
        app.import_run("alpaca-eval", [other], tmp_path / "run", known, PLAIN)
    assert contents(tmp_path / "run") == before


def test_the_folder_of_another_run_is_refused(tmp_path, known):
    path = table(tmp_path, "t.csv", verdict("1", 0.5))
    app.import_run("table", [path], tmp_path / "run", known, TABLE)
    before = contents(tmp_path / "run")
    with pytest.raises(RecordError, match="benchmark alpaca-eval-2, not starter"):
        app.import_run("table", [path], tmp_path / "run", known, app.Wanted("starter", reference=False))
    wanted = app.Wanted("alpaca-eval-2,revision=abc", reference=False)
    with pytest.raises(RecordError, match="options"):
        app.import_run("table", [path], tmp_path / "run", known, wanted)
    assert contents(tmp_path / "run") == before


def test_names_are_checked_before_anything_is_read(tmp_path, known):
    nothing = [tmp_path / "none.csv"]
    with pytest.raises(ConfigError, match="does not say what its files are about") as caught:
        app.import_run("table", nothing, tmp_path / "run", known)
    assert "--benchmark" in caught.value.hint
    with pytest.raises(ConfigError, match="win-rat"):
        app.import_run("alpaca-eval", nothing, tmp_path / "run", known, app.Wanted(measures=("win-rat",)))
    with pytest.raises(ConfigError, match="unknown option 'x'"):
        app.import_run("alpaca-eval", nothing, tmp_path / "run", known, PLAIN, x="1")
    with pytest.raises(ConfigError, match="tabel"):
        app.import_run("tabel", nothing, tmp_path / "run", known, TABLE)
    assert not (tmp_path / "run").exists()


def test_the_benchmarks_numbers_are_taken_in_where_they_are_wanted(tmp_path, known):
    path = annotations(tmp_path, "a.json", *(annotation(n, 1.25) for n in range(4)))
    with pytest.raises(DataError, match="is not there") as caught:
        app.import_run("alpaca-eval", [path], tmp_path / "run", known)
    assert "--no-reference" in caught.value.hint
    assert not (tmp_path / "run").exists()
    app.import_run("alpaca-eval", [path], tmp_path / "without", known, PLAIN)
    assert read(tmp_path / "without").reference == {}
    assert set(load(tmp_path / "without").sources) == {"a.json"}
    mirror(tmp_path)
    made = app.import_run("alpaca-eval", [path], tmp_path / "run", known)
    found = {name: line.values for name, line in read(tmp_path / "run").reference.items()}
    assert found["difficulty"] == (0.0, 0.25, 0.5, 0.75)
    assert found["gamed.length_difference"] == (-1.5, -0.5, 0.5, 1.5)
    assert set(made.sources) == {"a.json", "alpaca_eval_gpt4_baseline.json", "df_gamed.csv"}
    assert made.measures[0] == "lc-win-rate"


@pytest.mark.parametrize(
    ("form", "wanted", "own"),
    [
        ("alpaca-eval", app.Wanted(), True),
        ("alpaca-eval", app.Wanted(own_items=False), False),
        ("alpaca-eval", app.Wanted(reference=False), False),
        ("alpaca-eval", app.Wanted("prompts:own.jsonl", measures=("win-rate",)), False),
        ("table", app.Wanted("alpaca-eval-2"), False),
        ("table", app.Wanted("alpaca-eval-2", own_items=True), True),
    ],
)
def test_the_form_says_whose_items_they_are_where_nobody_does(form, wanted, own, tmp_path, known, monkeypatch):
    mirror(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.jsonl").write_text(json.dumps({"prompt": "question 2"}))
    path = (
        annotations(tmp_path, "a.json", annotation(2, 1.25))
        if form == "alpaca-eval"
        else table(tmp_path, "t.csv", verdict("2", 0.25))
    )
    made = app.import_run(form, [path], tmp_path / "run", known, wanted)
    (line,) = read(tmp_path / "run").items.values()
    assert line.item.features == ({"difficulty": 0.5, "row": 2.0} if own else {})
    assert ("df_gamed.csv" in made.sources) == (wanted.reference and wanted.benchmark in (None, "alpaca-eval-2"))


def test_a_benchmark_that_is_not_there_is_done_without_on_request(tmp_path, known):
    path = annotations(tmp_path, "a.json", annotation(0, 1.25))
    for own, way in ((None, "--no-reference"), (True, "--items file")):
        with pytest.raises(DataError, match="is not there") as caught:
            app.import_run("alpaca-eval", [path], tmp_path / "run", known, app.Wanted(own_items=own))
        assert way in caught.value.hint
    assert not (tmp_path / "run").exists()


def test_the_benchmarks_own_items_stand_in_the_place_of_the_imported_ones(tmp_path, known):
    mirror(tmp_path)
    wanted = app.Wanted(own_items=True, reference=False, measures=("win-rate",))
    path = annotations(tmp_path, "a.json", *(annotation(n, 1.25 + n / 4) for n in (2, 0)))
    made = app.import_run("alpaca-eval", [path], tmp_path / "run", known, wanted)
    items = {name: line.item for name, line in read(tmp_path / "run").items.items()}
    assert set(items) == {"0", "2"}
    assert (items["2"].turns, items["2"].stratum, items["2"].features["difficulty"]) == (("question 2",), "own", 0.5)
    assert set(made.sources) == {"a.json", "alpaca_eval_gpt4_baseline.json", "df_gamed.csv"}
    assert board(tmp_path / "run", known)["win-rate", "model"].value == pytest.approx(50.0)


def test_a_table_names_own_items_by_id_and_joins_annotations(tmp_path, known):
    mirror(tmp_path)
    wanted = app.Wanted("alpaca-eval-2", own_items=True, reference=False, measures=("win-rate",))
    rows = table(tmp_path, "t.csv", verdict("0", 1.0), verdict("3", 0.5))
    path = annotations(tmp_path, "a.json", annotation(0, 1.25), annotation(3, 1.5))
    app.import_run("table", [rows], tmp_path / "run", known, wanted)
    app.import_run("alpaca-eval", [path], tmp_path / "run", known, wanted)
    content = read(tmp_path / "run")
    assert set(content.items) == {"0", "3"}
    assert {line.item.baseline.turns for line in content.items.values()} == {("base 0",), ("base 3",)}
    assert len(content.verdicts) == 4
    found = board(tmp_path / "run", known)
    assert (found["win-rate", "x"].value, found["win-rate", "model"].value) == pytest.approx((75.0, 37.5))


def test_own_items_must_be_there_and_have_the_same_baseline(tmp_path, known):
    mirror(tmp_path)
    wanted = app.Wanted(own_items=True, reference=False)
    strange = annotations(tmp_path, "s.json", annotation(9, 1.5))
    other = annotations(tmp_path, "o.json", annotation(0, 1.5, output_1="another"))
    for path, complaint in (
        (strange, "the benchmark has no instruction 'question 9'"),
        (other, "instruction 'question 0' was compared with another answer than the benchmark's baseline"),
    ):
        for asked in (wanted, app.Wanted()):
            with pytest.raises(DataError, match=complaint) as caught:
                app.import_run("alpaca-eval", [path], tmp_path / "run", known, asked)
            assert "--items file" in caught.value.hint
    long = annotations(tmp_path, "l.json", annotation(0, 1.5, instruction="a question\n" * 20))
    with pytest.raises(DataError, match=r"'(a question ){5}a qu…'"):
        app.import_run("alpaca-eval", [long], tmp_path / "run", known, wanted)
    wanted = app.Wanted("alpaca-eval-2", own_items=True, reference=False)
    path = table(tmp_path, "t.csv", verdict("7", 0.5))
    with pytest.raises(DataError, match="no item '7'"):
        app.import_run("table", [path], tmp_path / "run", known, wanted)
    assert not (tmp_path / "run").exists()


def test_samples_and_misses_are_recorded(tmp_path, known):
    raw = {"text": "m", "logprobs": {"content": [{"top_logprobs": [{"token": "m", "logprob": -0.5}]}]}}
    path = annotations(tmp_path, "a.json", annotation(0, 1.0, raw_completion=raw), annotation(1, None))
    app.import_run("alpaca-eval", [path], tmp_path / "run", known, PLAIN)
    lines = read(tmp_path / "run").verdicts.values()
    assert all(isinstance(line, VerdictLine) and line.final for line in lines)
    full, missed = sorted(lines, key=lambda line: line.miss is not None)
    assert (full.order, full.preference.probs) == ((1, 0), (1.0, 0.0))
    assert full.samples[0].completion.logprobs == (("m", -0.5),)
    assert (missed.miss.stage, missed.preference, missed.samples) == ("read", None, ())


def test_a_second_import_cannot_contradict_the_first(tmp_path):
    known = app.registry()
    header = "item,judge,subject,opponent,preference\n"
    (tmp_path / "a.csv").write_text(header + "1,j,s,base,0.25\n")
    (tmp_path / "b.csv").write_text(header + "1,j,s,base,0.75\n")
    wanted = app.Wanted("starter", reference=False)
    app.import_run("table", [tmp_path / "a.csv"], tmp_path / "run", known, wanted)
    with pytest.raises(DataError, match="something else about item '1' already"):
        app.import_run("table", [tmp_path / "b.csv"], tmp_path / "run", known, wanted)


def test_files_of_one_name_keep_their_digests(tmp_path):
    for folder, item in (("a", "1"), ("b", "2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "v.csv").write_text(f"item,judge,subject,opponent,preference\n{item},j,s,base,0.25\n")
    files = [tmp_path / "a/v.csv", tmp_path / "b/v.csv"]
    manifest = app.import_run("table", files, tmp_path / "run", app.registry(), app.Wanted("starter", reference=False))
    assert len(manifest.sources["v.csv"]) == 2


def test_a_cluster_in_two_categories_is_refused_before_anything_is_written(tmp_path):
    rows = "item,judge,subject,opponent,preference,cluster,category\n1,j,s,b,1,k,x\n2,j,s,b,1,k,y\n"
    (tmp_path / "v.csv").write_text(rows)
    with pytest.raises(DataError, match="lies in two strata"):
        app.import_run(
            "table", [tmp_path / "v.csv"], tmp_path / "run", app.registry(), app.Wanted("starter", reference=False)
        )
    assert not (tmp_path / "run").exists()
