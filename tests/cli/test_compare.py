"""judgebench compare and plan, as a user calls them."""

import json
import shlex

import pytest
from shell import in_process

HEADER = "item,subject,opponent,judge,preference\n"


def run(folder, text):
    return in_process(*shlex.split(text), cwd=folder, OPENAI_API_KEY="not-a-key", JUDGEBENCH_PLUGINS="")


def table(folder, name, rates, items=200, judge="j"):
    """A verdict table in which policies win the first so many items of every hundred, in a fixed mixture."""
    rows = [
        f"{k},{subject},base,{judge},{int((k * 37) % 100 < rate)}"
        for subject, rate in rates.items()
        for k in range(items)
    ]
    (folder / name).write_text(HEADER + "\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    table(folder, "verdicts.csv", {"good": 70, "same": 70, "worse": 40, "near": 66})
    done = run(
        folder,
        "import table verdicts.csv --benchmark starter --measure win-rate --out runs/a",
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_better_and_worse_are_said_in_words_and_figures(folder):
    better = run(folder, "compare runs/a --a good --b worse")
    assert better.returncode == 0
    assert "good is better than worse" in better.stdout
    assert "good 70.0, worse 40.0; difference +30.0 points" in better.stdout
    assert "(McNemar), 200 items" in better.stdout
    assert "worse is worse than good" in run(folder, "compare runs/a --a worse --b good").stdout


def test_undecided_says_how_many_items_would_decide(folder):
    said = run(folder, "compare runs/a --a good --b near --confidence 0.9999").stdout
    assert "undecided between good and near" in said
    assert "items would decide it, if the difference stays as it is (power 80 %)" in said
    assert "the difference seen is 0" in run(folder, "compare runs/a --a good --b same").stdout


def test_few_items_are_not_said_to_be_enough(folder):
    """Better on five of five items: the interval leaves 0 out, and no exact test can reach 5 %."""
    wins = {"new": (0.9, 0.8, 0.95, 0.7, 0.85), "old": (0.1, 0.3, 0.2, 0.4, 0.25)}
    rows = [f"{k},{name},base,j,{p}" for name, column in wins.items() for k, p in enumerate(column)]
    (folder / "five.csv").write_text(HEADER + "\n".join(rows) + "\n")
    run(folder, "import table five.csv --benchmark starter --measure win-rate --out runs/five")
    said = run(folder, "compare runs/five --a new --b old").stdout
    assert "undecided between new and old" in said
    assert "the interval leaves 0 out, and the test does not" in said
    assert "items would decide" not in said


def test_where_nothing_varies_no_number_of_items_is_said(folder):
    who = "--judge one=constant --judge two=constant,value=2"
    run(folder, f"run starter --limit 3 {who} --out runs/alike")
    said = run(folder, "compare runs/alike --a one --b two --measure accuracy --margin 2").stdout
    assert "undecided between one and two" in said
    assert "would decide it" not in said


def test_equivalence_needs_a_margin(folder):
    said = run(folder, "compare runs/a --a good --b near --margin 10").stdout
    assert "good and near are equivalent within the margin" in said
    assert "within 10 points of each other" in said
    refused = run(folder, "compare runs/a --a good --b near --margin 0")
    assert refused.returncode == 2
    assert "the margin is 0" in refused.stderr


def test_a_gate_closes_with_exit_code_1(folder):
    closed = run(folder, "compare runs/a --a worse --b good --fail-if worse")
    assert closed.returncode == 1
    assert "gate closed: worse" in closed.stderr
    assert run(folder, "compare runs/a --a good --b worse --fail-if worse").returncode == 0
    never = run(folder, "compare runs/a --a worse --b good --fail-if worse --measure average-length")
    assert never.returncode == 2
    assert "a gate on worse can never close: neither more nor less of average-length is better" in never.stderr
    unnamed = run(folder, "compare runs/a --fail-if worse")
    assert unnamed.returncode == 2
    assert "name two with --a and --b" in unnamed.stderr


def test_json_holds_every_pair_once(folder):
    decisions = json.loads(run(folder, "compare runs/a --json").stdout)
    pairs = {frozenset((one["comparison"]["a"], one["comparison"]["b"])) for one in decisions}
    assert len(pairs) == len(decisions) == 6
    for one in decisions:
        assert one["comparison"]["family"] == 6
        assert one["p_used"] == one["comparison"]["p_adjusted"] >= one["comparison"]["p"]


def test_names_that_nobody_has_and_runs_of_one(folder):
    wrong = run(folder, "compare runs/a --a goof --b worse")
    assert (wrong.returncode, "did you mean 'good'?" in wrong.stderr) == (2, True)
    assert run(folder, "compare runs/a --b worse").returncode == 2
    table(folder, "one.csv", {"good": 70}, items=20)
    assert (
        run(
            folder,
            "import table one.csv --benchmark starter --measure win-rate --out runs/one",
        ).returncode
        == 0
    )
    alone = run(folder, "compare runs/one")
    assert alone.returncode == 2
    assert "no two subjects" in alone.stderr
    assert run(folder, "compare runs/none").returncode == 7


def test_several_benchmarks_are_adjusted_together(folder):
    (folder / "pairs.jsonl").write_text(json.dumps({"prompt": "q", "response_a": "x", "response_b": "y"}))
    table(folder, "other.csv", {"good": 60, "worse": 58}, items=200)
    done = run(
        folder,
        "import table other.csv --benchmark pairs:pairs.jsonl --measure win-rate --out runs/b",
    )
    assert done.returncode == 0, done.stderr
    decisions = json.loads(run(folder, "compare runs/a runs/b --a good --b worse --json").stdout)
    assert {one["comparison"]["benchmark"] for one in decisions} == {"starter", "pairs"}
    p = sorted(one["comparison"]["p"] for one in decisions)
    assert sorted(one["p_used"] for one in decisions) == pytest.approx([min(2 * p[0], p[1]), p[1]])


def test_plan_prints_calls_and_what_can_be_shown(folder):
    words = "plan starter --policy openai:m --judge logprob@openai:n --limit 40 --measure win-rate"
    bare = run(folder, words)
    assert bare.returncode == 0, bare.stderr
    assert "calls; what the record holds is not asked again" in bare.stdout
    assert "--like RUN or --sd POINTS" in bare.stdout
    stated = run(folder, f"{words} --sd 40").stdout
    assert "With 40 items" in stated
    assert "stated: 17.7 points" in stated
    assert "win-rate, judged by j: " in run(folder, f"{words} --like runs/a").stdout
    assert not (folder / "runs/starter").exists()
