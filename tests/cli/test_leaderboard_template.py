"""judgebench leaderboard --template, on the runs of scripts."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from judgebench.cli.list import command as list_command
from judgebench.cli.main import cli
from judgebench.core.errors import ConfigError, DataError

ITEMS = 20
TREES = ("alder", "birch", "cedar")
SCORES = {
    "M1": (5, 4, 4),
    "ckpt-2": (5, 3, 1),
    "turned": (1, 3, 5),
}
JUDGES = "self-rewarding-table-2"
STEPS = {"SFT": 1, "RLAIF": 3}


def mark(step, k):
    """The mark of a policy's answer to an item: 2 to 8."""
    return (step * k) % 7 + 2


def invoke(*arguments):
    done = CliRunner().invoke(cli, list(map(str, arguments)))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def template(name, *arguments):
    return invoke("leaderboard", *arguments, "--template", name, "--replicates", 300).stdout


def cells(shown, row):
    """The cells of the first row of this name, whoever stands in it."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in shown.splitlines() if line[:1] == "|"]
    return next(found for found in rows if found[0].partition(" = ")[0] == row)


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of judges on ranked responses, and one of policies against each other, of whom the longest answer wins."""
    folder = tmp_path_factory.mktemp("templates")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        responses = [[f"{tree} {k}" for tree in TREES] for k in range(ITEMS)]
        write(
            folder / "ranked.jsonl",
            [{"prompt": f"q{k}", "responses": one, "ranks": [1, 2, 3]} for k, one in enumerate(responses)],
        )
        judges = []
        for name, scores in SCORES.items():
            rules = zip(TREES, scores, strict=True)
            write(folder / f"{name}.jsonl", [{"match": tree, "reply": f"Score: {score}"} for tree, score in rules])
            judges += ["--judge", f"{name}=additive@scripted:{name}.jsonl"]
        invoke("run", "ranked:ranked.jsonl", *judges, "--out", "judged", "--no-cache", "--quiet")

        write(folder / "prompts.jsonl", [{"id": f"q{k}", "prompt": f"question {k}"} for k in range(ITEMS)])
        policies = []
        for name, wins in (("sft", 10), ("ckpt-1", 13), ("M2", 16)):
            answers = [{"id": f"q{k}", "response": "x" * (12 if k < wins else k % 3 + 9)} for k in range(ITEMS)]
            write(folder / f"{name}.answers.jsonl", answers)
            policies += ["--policy", f"{name}=recorded:{name}.answers.jsonl"]
        invoke("run", "head-to-head:prompts.jsonl", *policies, "--judge", "longer", "--out", "duels", "--quiet")

        # responses that a rating judge marks by their word, of lengths that say nothing of it
        policies = []
        for name, step in STEPS.items():
            texts = [f"word{mark(step, k)} " + "x" * ((5 * k + step) % 9) for k in range(ITEMS)]
            write(folder / f"{name}.answers.jsonl", [{"id": f"q{k}", "response": text} for k, text in enumerate(texts)])
            policies += ["--policy", f"{name}=recorded:{name}.answers.jsonl"]
        write(folder / "rate.jsonl", [{"match": f"word{one}", "reply": f"[[{one}]]"} for one in range(2, 9)])
        judge = ["--judge", "rate=rating@scripted:rate.jsonl"]
        invoke("run", "head-to-head:prompts.jsonl", *policies, *judge, "--out", "rated", "--no-cache", "--quiet")

        # judgments as responses: every second first one gave a higher score, and of those six are longer than the other
        strong = {1, 3, 5, 9, 13, 17}
        games = [
            {
                "prompt": f"q{k}",
                "responses": [f"{'strong' if k in strong else 'left'} {k}", f"right {k}"],
                "ratings": [3 + k % 2, 3],
            }
            for k in range(ITEMS)
        ]
        write(folder / "games.jsonl", games)
        judges = ["--judge", "it1=first,order=both", "--judge", "it2=longer,order=both"]
        invoke("run", "ranked:games.jsonl", *judges, "--out", "meta", "--quiet")
    return folder


def test_ours_stand_beside_the_papers_with_intervals_and_denominators(folder):
    shown = template(JUDGES, folder / "judged", "--row", "M2=ckpt-2")
    assert shown.startswith("# Self-Rewarding, reward modelling")
    # two of three pairs are right and one is tied, which counts as wrong; the best is always scored 5, nothing is exact
    first = cells(shown, "M1")
    assert first[0] == "M1"
    assert (first[1], first[2].split(" [")[0], first[2].split("] ")[1]) == ("78.7", "66.7", "n = 60, Δ -12.0")
    assert first[3:5] == ["41.5", "100.0 [83.9 to 100.0 (w)] n = 20, Δ +58.5"]
    assert first[6].startswith("0.0 [0.0 to 16.1 (w)] n = 20")
    assert first[7:9] == ["0.279", "0.866 [0.482 to 0.971 (w)] n = 20, Δ +0.587"]
    second = cells(shown, "M2")
    assert second[0] == "M2 = ckpt-2"
    assert second[2].startswith("100.0 [83.9 to 100.0 (w)] n = 60, Δ +19.6")
    # the paper's rows that none of ours is, and ours that no row is about
    assert cells(shown, "SFT")[1:4] == ["65.1", "-", "39.6"]
    assert cells(shown, "turned")[1:3] == ["-", "0.0 [0.0 to 16.1 (w)] n = 60"]
    assert "- pairwise accuracy, %: `pairwise-accuracy,convention=self-rewarding,repeats=mean`\n" in shown
    assert "evidence " in shown.splitlines()[-1]


def test_the_same_record_gives_the_same_bytes(folder):
    words = [sys.executable, "-m", "judgebench.cli.main", "leaderboard", str(folder / "judged"), "--template", JUDGES]
    words += ["--replicates", "300"]
    elsewhere = subprocess.run(words, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    assert elsewhere.stdout.decode() == template(JUDGES, folder / "judged")


def test_the_papers_judge_of_judges_is_named_by_a_row(folder):
    shown = template("meta-rewarding-table-3", folder / "judged", "--row", "gpt-4=turned", "--row", "MR it2=ckpt-2")
    # M1 ties the one pair of the others, which is half right; digits are cut
    assert cells(shown, "MR it1")[1:3] == ["56.54", "16.66 [6.14 to 37.93 (w)] n = 60, Δ -39.88"]
    assert cells(shown, "MR it2")[0] == "MR it2 = ckpt-2"
    assert "| turned" not in shown
    with pytest.raises(DataError, match="no judge stands for its GPT-4") as caught:
        template("meta-rewarding-table-3", folder / "judged")
    assert "--row 'GPT-4=NAME'" in caught.value.hint


def test_every_two_policies_that_met_are_a_row(folder):
    shown = template("self-rewarding-head-to-head", folder / "duels", "--row", "M1=ckpt-1")
    assert "## head-to-head, judged by longer\n" in shown
    found = cells(shown, "M1 vs SFT")
    assert found[0] == "M1 vs SFT = ckpt-1 vs sft"
    # of three more long answers those win that are not 12 long by themselves, and everything else is a tie
    assert [found[k].split(" ")[0] for k in (2, 4, 6)] == ["15.0", "85.0", "0.0"]
    assert found[4].split("] ")[1] == "n = 20, Δ +46.3"
    assert cells(shown, "M2 vs SFT")[2].startswith("30.0 [")
    assert cells(shown, "M2 vs M1")[0] == "M2 vs M1 = M2 vs ckpt-1"
    assert cells(shown, "M3 vs M1")[1:3] == ["68.8", "-"]
    assert "| sft vs" not in shown
    pooled = invoke("leaderboard", folder / "duels", "--measure", "wins", "--replicates", 300).stdout
    assert "| M2 " in pooled  # against both of the others, which is another number
    assert " 22.5 " in pooled


def test_win_rates_and_lengths_of_policies(folder):
    shown = template("meta-rewarding-table-1", folder / "duels", "--row", "Seed=M2")
    assert cells(shown, "Seed")[4].split(" ")[0] == "61.25"  # over both of the others, ties one half
    lengths = cells(shown, "SFT")  # the same name but for its case
    assert lengths[5] == "1943"
    assert "n = 20" in lengths[6]
    # these are not AlpacaEval's items
    assert "Δ" not in shown.split("\n- ")[0]
    assert "no difference is shown beside other items than the paper's, which are those of `alpaca-eval-2`" in shown


def test_harmless_rates_and_win_rates_at_equal_length(folder):
    shown = template("rlaif-length-adjusted", folder / "rated")
    marks = {name: [mark(step, k) for k in range(ITEMS)] for name, step in STEPS.items()}
    for name, paper in (("SFT", "64"), ("RLAIF", "88")):
        harmless = 100 * sum(one >= 5.5 for one in marks[name]) / ITEMS
        assert cells(shown, name)[7] == paper
        assert cells(shown, name)[8].split(" [")[0] == f"{harmless:.1f}"
    pair = cells(shown, "RLAIF vs SFT")
    won = sum((a > b) + (a == b) / 2 for a, b in zip(marks["RLAIF"], marks["SFT"], strict=True))
    assert pair[1:3] == ["71", "63"]
    assert pair[3].split(" [")[0] == f"{100 * won / ITEMS:.1f}"
    assert "n = 20" in pair[3]
    assert pair[4:6] == ["59", "61"]
    words = ["--measure", "length-adjusted-win-rate", "--format", "json", "--replicates", 300]
    board = json.loads(invoke("leaderboard", folder / "rated", *words).stdout)
    alone = next(row["value"] for row in board["estimates"] if row["subject"] == "RLAIF")
    assert pair[6].split(" [")[0] == f"{alone:.1f}" != pair[3].split(" [")[0]
    assert "Δ" not in shown.split("\n- ")[0]


def test_a_measure_without_an_estimate_has_its_reason(folder):
    shown = template("rlaif-length-adjusted", folder / "duels", "--row", "RLAIF=M2")
    found = cells(shown, "RLAIF vs SFT")
    assert (found[0], found[3].split(" [")[0], found[6]) == ("RLAIF vs SFT = M2 vs sft", "65.0", "-")
    told = "- length-adjusted, %: none of ours: `length-adjusted-win-rate`: the ratio of lengths tells wins from losses"
    assert told in shown
    assert "- harmless rate, %: none of ours: `harmless-rate`: " in shown


def test_what_sways_a_judge_of_judgments(folder):
    shown = template("meta-rewarding-table-5", folder / "meta")
    first, longer = cells(shown, "it1"), cells(shown, "it2")
    assert first[1:3] == ["63.04", "50.00 [23.65 to 76.34 (w)] n = 20, Δ -13.04"]
    assert [cell.split(" [")[0] for cell in (first[5], first[7], first[9])] == ["100.00"] * 3
    assert [cell.split("n = ")[1] for cell in (first[5], first[7], first[9])] == ["10", "10", "20"]
    assert longer[2].startswith("60.00 [")
    assert longer[2].endswith("n = 20, Δ -37.68")
    assert [cell.split(" [")[0] for cell in (longer[5], longer[7], longer[9])] == ["0.00"] * 3


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["--template", "self-rewarding-tabel-2"], "there is no template 'self-rewarding-tabel-2'", f"'{JUDGES}'"),
        (["--template", "markdown"], "there is no template 'markdown'", "known: meta-rewarding-table-1, "),
        (["--template", JUDGES, "--row", "M9=M1"], f"'{JUDGES}' has no row 'M9'", "known: IFT, M1, M2, M3, SFT"),
        (["--template", JUDGES, "--row", "M2=ckpt2"], "row 'M2': no subject is called 'ckpt2'", "'ckpt-2'"),
        (["--template", JUDGES, "--row", "M2"], "--row 'M2' cannot be read", "ROW=SUBJECT"),
        (["--template", JUDGES, "--row", "M2=M1", "--row", "m2=M1"], "row 'm2' is given twice", "one subject"),
        (["--template", JUDGES, "--format", "audit"], "a template has no format 'audit'", "csv, json, markdown"),
        (["--template", JUDGES, "--measure", "kappa"], "--measure is given with --template", "leave --measure out"),
        (["--template", JUDGES, "--series", "s-*"], "--series is given with --template", "leave --series out"),
        (["--row", "M1=M1"], "--row is given without --template", "judgebench list templates"),
    ],
)
def test_what_is_wrong_is_said_with_a_hint(folder, words, message, hint):
    with pytest.raises(ConfigError) as caught:
        invoke("leaderboard", folder / "judged", *words)
    assert caught.value.message == message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("name", "run", "why"),
    [
        ("self-rewarding-table-1", "judged", "no policy in the run"),
        ("self-rewarding-head-to-head", "judged", "no two policies were compared"),
        (JUDGES, "duels", "no unit enters it"),
    ],
)
def test_a_run_without_any_of_its_numbers_is_an_error(folder, name, run, why):
    with pytest.raises(DataError, match=f"'{name}': these runs give no number for it") as caught:
        template(name, folder / run)
    assert why in caught.value.message
    assert caught.value.hint.startswith("it is made of ")


def test_json_and_csv(folder):
    data = json.loads(template(JUDGES, folder / "judged", "--format", "json"))
    assert data["template"] == JUDGES
    row = next(row for row in data["tables"][0]["rows"] if row["row"] == "M1")
    assert row["cells"][0]["ours"]["n"] == 60
    assert row["cells"][0]["paper"][0]["value"] == 78.7
    rows = list(csv.DictReader(io.StringIO(template(JUDGES, folder / "judged", "--format", "csv"))))
    assert {row["row"] for row in rows} == {"SFT", "M1", "M2", "M3", ""}
    assert next(row["paper"] for row in rows if row["subject"] == "M1") == "78.7"


def test_a_folder_gets_the_table_and_its_board(folder, tmp_path):
    out = tmp_path / "out"
    done = invoke(
        "leaderboard", folder / "judged", "--template", JUDGES, "--replicates", 300, "--out", out, "--format", "csv",
        "--title", "Mine",
    )  # fmt: skip
    assert sorted(path.name for path in out.iterdir()) == ["board.json", "table.csv", "table.md"]
    assert done.stderr.count("written: ") == 3
    assert (out / "table.md").read_text() == template(JUDGES, folder / "judged", "--title", "Mine")
    board = json.loads((out / "board.json").read_text())
    assert board["title"] == "Mine"
    assert {row["measure"].split(",")[0] for row in board["estimates"]} == {
        "pairwise-accuracy", "exact-match", "five-best", "spearman", "kendall",
    }  # fmt: skip
    invoke("leaderboard", folder / "judged", "--out", tmp_path / "board", "--replicates", 300)
    with pytest.raises(ConfigError, match=r"holds a board, whose board\.json would be lost"):
        invoke("leaderboard", folder / "judged", "--template", JUDGES, "--out", tmp_path / "board")


def test_templates_are_listed_with_the_reports_and_alone():
    alone = CliRunner().invoke(list_command, ["templates"]).output
    assert alone.startswith("templates\n  meta-rewarding-table-1 ")
    assert "  markdown " not in alone
    assert CliRunner().invoke(list_command, ["template"]).output == alone
    reports = CliRunner().invoke(list_command, ["reports"]).output
    assert set(alone.splitlines()[1:]) < set(reports.splitlines())
    assert "templates\n" not in CliRunner().invoke(list_command, []).output


def test_help_loads_no_template():
    code = "import sys, judgebench.cli.main as m\ntry: m.cli(['leaderboard', '--help'])\nfinally: "
    code += "print([name for name in sys.modules if 'paper' in name or name == 'numpy'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "--template" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
