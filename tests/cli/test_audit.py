"""judgebench audit with judges whose character is known."""

import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from judgebench.cli.main import cli
from judgebench.components.benchmarks.attacks import INJECTION
from judgebench.components.benchmarks.mt_bench_agreement import HUMAN, REPO
from judgebench.components.benchmarks.starter import COMPONENT as Starter
from judgebench.core.errors import BudgetError, ConfigError, DataError

FAIR = [{"match": item.responses[0].turns[-1], "reply": "[[8]]"} for item in Starter().items()]
"""Marks of a judge that knows the good answers, and gives everything else a low one."""
REST = {"match": "", "reply": "[[3]]"}


def audit(*arguments):
    done = CliRunner().invoke(cli, ["audit", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JUDGEBENCH_DATA", raising=False)


def script(folder, name, *rules):
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(rule) + "\n" for rule in rules))
    return f"{name}=rating@scripted:{name}.jsonl"


def outcomes(page):
    """What comes of each measure, by benchmark and measure."""
    rows = [[cell.strip() for cell in line.split("|")] for line in page.splitlines() if line.startswith("|")]
    return {row[2]: row[6] for row in rows[2:]}


def calls(folder):
    return sum(len(path.read_text().splitlines()) for path in folder.rglob("record.jsonl"))


def test_a_fair_judge_fails_nothing(tmp_path):
    done = audit(script(tmp_path, "fair", *FAIR, REST), "--out", "o", "--quiet")
    found = outcomes(done.stdout)
    assert done.stdout == (tmp_path / "o/fair.md").read_text()
    assert "fails" not in found.values()
    held = {name for name, outcome in found.items() if outcome == "holds"}
    assert held >= {
        "starter: accuracy",
        "starter: position-consistency",
        "starter: position-bias",
        "starter: same-position",
        "starter: miss-rate",
        "attacks: accuracy/constant-answer",
        "attacks: attack-effect",
        "attacks: attack-effect,attack=forged-verdict",
        "attacks: attack-effect,attack=length",
    }
    assert "starter: score-mean" in found
    assert not [name for name in found if "calibration-error" in name or "brier" in name]
    assert "calibration-error: " not in done.stdout
    assert "- starter: 64 items, both orders, 128 verdicts asked for" in done.stdout
    assert "- attacks: 448 items, both orders, 896 verdicts asked for" in done.stdout
    assert "left out: mt-bench-agreement: name a mirror by --data-dir or JUDGEBENCH_DATA" in done.stderr


def test_a_judge_that_obeys_orders_is_found_out(tmp_path):
    obeys = {"match": INJECTION.split(",")[0], "reply": "[[10]]"}
    done = audit(script(tmp_path, "obeys", obeys, *FAIR, REST), "--limit", 12, "--out", "o", "--quiet")
    found = outcomes(done.stdout)
    assert found["attacks: attack-effect,attack=injected-instruction"] == "fails"
    assert found["starter: accuracy"] == "holds"
    assert [name for name, outcome in found.items() if outcome == "fails"] == [
        "attacks: attack-effect,attack=injected-instruction"
    ]
    assert done.stdout.splitlines()[2].startswith("**Fails: attack-effect,attack=injected-instruction (attacks).** Of ")


def test_a_judge_of_places_fails_by_its_places(tmp_path):
    done = audit("first", "longer", "--limit", 20, "--out", "o", "--quiet", "--repeats", 2)
    first, longer = ((tmp_path / f"o/{name}.md").read_text() for name in ("first", "longer"))
    assert done.stdout == first + longer
    found = outcomes(first)
    assert found["starter: position-consistency"] == found["starter: same-position"] == "fails"
    assert found["starter: position-bias"] == "fails"
    assert found["attacks: attack-effect,attack=length"] != "fails"
    assert "- starter: 20 items, both orders, each 2 times, 80 verdicts asked for" in first
    assert "- attacks: 140 items, both orders, 280 verdicts asked for" in first
    found = outcomes(longer)
    assert found["starter: position-consistency"] == "holds"
    assert found["attacks: attack-effect,attack=length"] == "fails"
    assert "attack=length (attacks)" in longer.splitlines()[2]


def test_the_same_command_asks_nothing_twice_and_a_larger_limit_extends(tmp_path):
    judge = script(tmp_path, "fair", *FAIR, REST)
    audit(judge, "--limit", 3, "--out", "o", "--quiet", "--max-calls", 36)  # 2 responses of 3 pairs, then 5 x 3 + 6
    page, before = (tmp_path / "o/fair.md").read_text(), calls(tmp_path / "o")
    again = audit(judge, "--limit", 3, "--out", "o", "--quiet", "--max-calls", 0)
    assert (again.stdout, calls(tmp_path / "o")) == (page, before)
    more = audit(judge, "--limit", 5, "--out", "o", "--quiet")
    fresh = audit(judge, "--limit", 5, "--out", "p", "--quiet")
    assert more.stdout == fresh.stdout
    assert calls(tmp_path / "o") == calls(tmp_path / "p") > before


def test_a_budget_is_that_of_the_whole_audit(tmp_path):
    judge = script(tmp_path, "fair", *FAIR, REST)
    with pytest.raises(BudgetError):
        audit(judge, "--limit", 3, "--out", "o", "--quiet", "--max-calls", 10)
    assert (tmp_path / "o/runs/fair/starter/board.json").exists()
    assert not (tmp_path / "o/fair.md").exists()
    audit(judge, "--limit", 3, "--out", "o", "--quiet")
    assert (tmp_path / "o/fair.md").exists()


def test_every_run_is_an_ordinary_run(tmp_path):
    audit("first", "longer", "--limit", 5, "--out", "o", "--quiet")
    runs = [f"o/runs/{judge}/starter" for judge in ("first", "longer")]
    board = CliRunner().invoke(cli, ["leaderboard", *runs, "--measure", "accuracy"]).stdout
    assert re.search(r"\| first +\|.*\n\|.*\| longer +\||\| longer +\|.*\n\|.*\| first +\|", board)
    page = CliRunner().invoke(cli, ["leaderboard", *runs, "--format", "audit"]).stdout
    assert [line for line in page.splitlines() if line.startswith("#")] == ["# Audit: first", "# Audit: longer"]


def test_a_dry_run_shows_the_calls_and_writes_nothing(tmp_path):
    done = audit(script(tmp_path, "fair", *FAIR, REST), "--limit", 3, "--out", "o", "--dry-run")
    assert re.findall(r"^(o/\S+): (\d+) items$", done.stdout, re.MULTILINE) == [
        ("o/runs/fair/starter", "3"),
        ("o/runs/fair/attacks", "21"),
    ]
    assert "\n6 calls; " in done.stdout  # ratings show each response alone: both orders are the same calls
    assert "\n42 calls; " in done.stdout
    assert "US $ ?: the prices of its models are not known" in done.stdout
    assert not (tmp_path / "o").exists()


@pytest.fixture
def mirror(tmp_path):
    def talk(text):
        return [{"role": role, "content": said} for role, said in (("user", "q"), ("assistant", text))] * 2

    def vote(number, voter, turn):
        return {
            "question_id": number, "model_a": "a", "model_b": "b", "winner": "model_b", "judge": voter, "turn": turn,
            "conversation_a": talk("short"), "conversation_b": talk("longer by far"),
        }  # fmt: skip

    rows = [vote(101 + k, f"expert_{n}", turn) for k in range(3) for n in (1, 2) for turn in (1, 2)]
    path = tmp_path / "mirror" / REPO / HUMAN
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), path)
    return tmp_path / "mirror"


def test_agreement_stands_beside_that_of_people_where_the_data_are_there(mirror):
    done = audit("longer", "first", "--limit", 6, "--data-dir", mirror, "--out", "o", "--quiet")
    assert "left out" not in done.stderr
    longer, first = done.stdout.split("# Audit: first")
    row = next(line for line in longer.splitlines() if "mt-bench-agreement: agreement-s1/turn-1" in line)
    assert "100.0 [95 %:" in row
    assert "people: 100.0 [" in row
    row = next(line for line in first.splitlines() if "mt-bench-agreement: agreement-s1/turn-1" in line)
    assert "0.0 [95 %:" in row
    assert "people: 100.0 [" in row
    assert row.rstrip(" |").endswith("fails")


def test_a_mirror_without_the_data_is_said_once_unless_it_is_asked_for(tmp_path):
    done = audit("longer", "first", "--limit", 2, "--data-dir", tmp_path, "--out", "o", "--quiet")
    assert done.stderr.count("left out: mt-bench-agreement: ") == 1
    assert "is not there" in done.stderr
    with pytest.raises(DataError, match="is not there"):
        audit("longer", "--benchmark", "mt-bench-agreement", "--data-dir", tmp_path, "--out", "p")


def test_other_benchmarks(tmp_path):
    rows = [{"prompt": f"q{k}", "response_a": "a b c", "response_b": "a", "gold": "a", "id": f"i{k}"} for k in range(6)]
    (tmp_path / "mine.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    names = ("pairs:mine.jsonl", "attacks:pairs:mine.jsonl")
    done = audit("longer", *(word for name in names for word in ("--benchmark", name)), "--limit", 4, "--quiet")
    assert "- pairs: 4 items, both orders, 8 verdicts" in done.stdout
    assert "- attacks: 28 items, both orders, 56 verdicts" in done.stdout
    assert (tmp_path / "runs/audit/longer.md").read_text() == done.stdout
    assert (tmp_path / "runs/audit/runs/longer/attacks-pairs-mine.jsonl/record.jsonl").exists()


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["verdit@scripted:x"], "no judge 'verdit'", "'verdict'"),
        (["first,repeats=3"], "judge 'first': an audit sets 'repeats' itself", "--repeats"),
        (["first", "first"], "two judges are called 'first'", "name them: NAME=first"),
        (["a b=first", "a-b=longer"], "the pages of 'a b' and 'a-b' would be one file", "NAME=a-b=longer"),
        (["first", "--benchmark", "startr"], "no benchmark 'startr'", "'starter'"),
        (["verdict@strong"], "there is no model 'strong'", "BACKEND:MODEL"),
    ],
)
def test_errors_name_what_is_wrong_before_anything_is_written(tmp_path, words, message, hint):
    with pytest.raises(ConfigError) as caught:
        audit(*words)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert not (tmp_path / "runs").exists()


def test_a_model_can_be_named(tmp_path):
    rules = script(tmp_path, "fair", *FAIR, REST).partition("@")[2]
    done = audit("r=rating@m", "--model", f"m={rules}", "--limit", 2, "--out", "o", "--quiet")
    assert done.stdout.startswith("# Audit: r\n")
    done = CliRunner().invoke(cli, ["audit", "r=rating@m", "--model", rules])
    assert "give it a name: --model NAME=" in done.stderr
