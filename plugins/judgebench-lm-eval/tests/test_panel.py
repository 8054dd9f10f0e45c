"""Tasks over local files: the scores through us are those of lm-eval's own command."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from judgebench_lm_eval.command import policies_of
from lm_eval_kit import NAMES, OFFICIAL, OURS, Tasks, command

from judgebench import ConfigError

pytest.importorskip("lm_eval", reason="needs lm-eval")
MEANS = [
    ("toy_letters", "acc,none"),
    ("toy_letters", "acc_norm,none"),
    ("toy_sums", "exact_match,digit"),
    ("toy_sums", "exact_match,plain"),
]
"""The metrics that are means of scores, as lm-eval's results name them."""
MEANT = sorted({task for task, _ in MEANS})


@dataclass(frozen=True)
class Both:
    """The same tasks by lm-eval's command and by ours."""

    theirs: Mapping[str, Mapping[str, float]]
    files: Path
    board: Mapping[str, Any]
    out: Path
    log: Path

    def estimate(self, task: str, key: str, subject: str = "toy") -> Mapping[str, Any]:
        """The board's row of a metric."""
        metric, _, behind = key.partition(",")
        judge = f"lm-eval/{task}/{metric}" + f",{behind}" * (behind != "none")
        rows = self.board["estimates"]
        (found,) = (row for row in rows if (row["judge"], row["subject"]) == (judge, subject))
        return dict(found)


def panel(tasks: Tasks, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return command(OURS, "lm-eval", *arguments, "--include-path", str(tasks.folder), where=tasks.where, **environment)


POLICIES = ("--policy", "toy=lm-eval:judgebench-toy", "--policy", 'blind=lm-eval:judgebench-toy,args={"blind": 2}')


@pytest.fixture(scope="module")
def both(tasks: Tasks) -> Both:
    run = ("run", "--model", "judgebench-toy", "--tasks", ",".join(MEANT), "--include_path", str(tasks.folder))
    done = command(OFFICIAL, *run, "--output_path", "official", "--log_samples", where=tasks.where)
    assert done.returncode == 0, done.stderr[-2000:]
    (results,) = (tasks.where / "official").glob("*/results_*.json")
    log = tasks.where / "asked.txt"
    done = panel(tasks, *NAMES, *POLICIES, "--out", "ours", JUDGEBENCH_TOY_LOG=str(log))
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("# lm-eval\n")
    out = tasks.where / "ours"
    return Both(
        json.loads(results.read_text())["results"],
        results.parent,
        json.loads((out / "board.json").read_text()),
        out,
        log,
    )


@pytest.mark.parametrize(("task", "key"), MEANS)
def test_the_score_is_lm_eval_s(both: Both, task: str, key: str) -> None:
    assert both.estimate(task, key)["value"] == pytest.approx(100 * both.theirs[task][key], abs=1e-8)  # as boards round
    assert both.estimate(task, key)["n"] == 60


@pytest.mark.parametrize(("task", "key"), MEANS)
def test_the_standard_error_is_lm_eval_s(both: Both, task: str, key: str) -> None:
    theirs = 100 * both.theirs[task][key.replace(",", "_stderr,")]
    assert both.estimate(task, key)["standard_error"] == pytest.approx(theirs, rel=0.03)


def test_the_tasks_tell_the_policies_apart(both: Both) -> None:
    """Every second sum is wrong instead of every third; the letters are the same."""
    sums = ("toy_sums", "exact_match,plain")
    assert 100 > both.estimate(*sums)["value"] > both.estimate(*sums, "blind")["value"] > 0
    judged = "lm-eval/toy_letters/acc"
    (same,) = (row for row in both.board["comparisons"] if row["judge"] == judged)
    assert (same["difference"], same["clusters"]) == (0.0, 60)


def test_what_is_no_mean_is_told(both: Both) -> None:
    notes = (both.out / "board.md").read_text()
    assert "lm-eval/toy_last/perplexity are missing: lm-eval's value is no mean over the documents" in notes
    assert "lm-eval/toy_roll/word_perplexity are missing: the metric gives a document no plain number" in notes


def test_the_files_of_lm_eval_s_own_command_give_the_same_record(both: Both, tasks: Tasks) -> None:
    files = [str(path) for path in both.files.glob("samples_*.jsonl")]
    done = command(OURS, "import", "lm-eval", *files, "--out", "imported", "-o", "policy=toy", where=tasks.where)
    assert done.returncode == 0, done.stderr
    imported, ours = verdicts(tasks.where / "imported"), verdicts(both.out)
    assert len(imported) == len(MEANS) * 60
    assert all(said is not None for said in imported.values())
    assert imported == {key: said for key, said in ours.items() if key in imported}
    joined = command(OURS, "leaderboard", "ours", "imported", where=tasks.where)
    assert joined.returncode == 0, joined.stderr


def verdicts(folder: Path) -> dict[tuple[str, str, str], Any]:
    """What a record says of each document, by judge and policy."""
    rows = [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]
    return {(row["judge"], row["item"], *row["slots"]): row.get("score") for row in rows if row["line"] == "verdict"}


def test_each_request_is_asked_once(both: Both) -> None:
    asked = both.log.read_text()
    assert asked.count("generate_until") == 2 * 60
    assert asked.count("loglikelihood") == 2 * (3 * 60 + 60)


def test_documents_can_be_added_and_none_is_asked_twice(tasks: Tasks) -> None:
    policy = ("--policy", "lm-eval:judgebench-toy", "--out", "grows")
    log = tasks.where / "grows.txt"
    for limit, asked in ((10, 10), (25, 25)):  # in all
        done = panel(tasks, "toy_sums", *policy, "--limit", str(limit), JUDGEBENCH_TOY_LOG=str(log))
        assert done.returncode == 0, done.stderr[-2000:]
        assert len(log.read_text().splitlines()) == asked
        board = json.loads((tasks.where / "grows" / "board.json").read_text())
        assert {(row["subject"], row["n"]) for row in board["estimates"]} == {("judgebench-toy", limit)}


@pytest.mark.parametrize(
    ("specs", "told", "hint"),
    [
        (["lm-eval:judgebench-toy"] * 2, "two policies are called 'judgebench-toy'", "--policy NAME="),
        (["a=hf:ckpts/step-3,dtype=float32"], "is no model class", 'a=lm-eval:hf,args={"pretrained": "ckpts/step-3"}'),
        (["vllm:OWNER/NAME"], "is no model class", 'write lm-eval:vllm,args={"pretrained": "OWNER/NAME"}'),
        (["llamacpp:smollm2-135m"], "is no model class", "[NAME=]lm-eval:CLASS"),
        (["lm-eval:hf,pretrained=DIR"], "is no model class", "[NAME=]lm-eval:CLASS"),
    ],
)
def test_a_policy_is_a_model_class(specs: list[str], told: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        policies_of(specs)
    assert hint in caught.value.hint


def test_a_policy_s_name_and_arguments_are_read() -> None:
    found = policies_of(['step 2=lm-eval:hf,args={"pretrained": "a,b=c", "n": 1}', "lm-eval:dummy"])
    assert {name: (one.model_class, one.arguments) for name, one in found.items()} == {
        "step 2": ("hf", {"pretrained": "a,b=c", "n": 1}),
        "dummy": ("dummy", {}),
    }


def test_an_unknown_class_is_told_in_two_lines(tasks: Tasks) -> None:
    done = panel(tasks, "toy_sums", "--policy", "lm-eval:judgebench-toi", "--out", "never")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: lm-eval has no model class 'judgebench-toi'",
        "hint: did you mean 'judgebench-toy'?",
    ]
    assert not (tasks.where / "never").exists()


def test_an_unknown_task_is_told_with_the_nearest_name(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    from judgebench_lm_eval import panel as ours
    from lm_eval.tasks import TaskManager

    def own_alone(include_path: Any, include_defaults: bool) -> TaskManager:  # lm-eval's own take a quarter of a minute
        return TaskManager(include_path=include_path, include_defaults=False)

    monkeypatch.setattr("lm_eval.tasks.TaskManager", own_alone)
    with pytest.raises(ConfigError, match="lm-eval has no task 'toy_sms'") as caught:
        ours.find(["toy_sms"], str(tasks.folder))
    assert caught.value.hint == "did you mean 'toy_sums'?"
    with pytest.raises(ConfigError, match="there is no folder"):
        ours.find(["toy_sums"], str(tasks.folder / "elsewhere"))
    assert set(ours.find(["toy_*"], str(tasks.folder)).tasks) == set(NAMES)
    file = str(tasks.folder / "toy_sums.yaml")
    assert ours.find([file], None).tasks == (file,)
    with pytest.raises(ConfigError, match=r"there is no file 'nowhere.yaml'"):
        ours.find(["nowhere.yaml"], None)


def test_a_class_that_fails_is_told_in_two_lines(tasks: Tasks) -> None:
    done = panel(tasks, "toy_sums", "--policy", "lm-eval:judgebench-toy,args=blind=0", "--out", "broken")
    assert done.returncode == 5
    assert done.stderr.splitlines()[-2].startswith("error: lm-eval fails: ZeroDivisionError")
    assert not (tasks.where / "broken" / "record.jsonl").exists()


def test_tasks_that_run_code_are_refused() -> None:
    from judgebench_lm_eval.panel import _results

    def unsafe() -> None:
        raise ValueError("Attempted to run task: x which is marked as unsafe.")

    with pytest.raises(ConfigError, match="marked as unsafe") as caught:
        _results(unsafe)
    assert "--confirm_run_unsafe_code" in caught.value.hint


def test_the_plugin_s_import_is_light() -> None:
    script = (
        "import sys, judgebench_lm_eval as p; list(p.judgebench_components());"
        "print(sorted({'lm_eval', 'torch', 'datasets', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
