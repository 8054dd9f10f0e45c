"""Small loops on scripted models, carried out in this process up to a stage, and what their records hold."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench_loops.config import from_mapping
from judgebench_loops.definition import Loop
from judgebench_loops.loop import carry_out, workshop
from judgebench_loops.stage import Done
from judgebench_loops.stages import training as training_stages
from judgebench_loops.training.finished import Checkpoint

ASKED = (
    "Name the capital of France.",
    "Why is the sky blue?",
    "Write a haiku about rain.",
    "How do I boil an egg?",
    "What is 17 times 3?",
    "Explain gravity to a child.",
    "List three fruits.",
    "Translate good morning into Spanish.",
    "Give advice for a job interview.",
    "What causes tides?",
)
SAID = (
    "A long answer about it. Score: 4 [[A]]",
    "Short. Score: 2 [[B]]",
    "Medium words here. Score: 5 [[A]]",
    "Another one, of more words than the others have. Score: 1 [[B]]",
    "Neither here nor there. Score: 3.5 [[C]]",
    "junk",
)
JUDGES: Mapping[str, Any] = {
    "self-rewarding": {"judge": "additive", "model": "current", "samples": 3, "parser": "nemo"},
    "meta-rewarding": {"judge": "additive", "model": "current", "samples": 4, "parser": "nemo"},
    "self-taught": {"judge": "self-taught", "model": "current"},
    "rlaif": {"judge": "rlaif", "model": "labeler"},
}


def lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A jsonl file of these rows."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a jsonl file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def prompts(folder: Path, number: int = 6) -> Path:
    """A file of so many prompts."""
    rows = [{"id": f"q{k}", "prompt": ASKED[k % len(ASKED)] + " Please." * (k // len(ASKED))} for k in range(number)]
    return lines(folder / "prompts.jsonl", rows)


def scripted(*replies: str) -> dict[str, Any]:
    """A model that says one of these by the request's digest."""
    return {"backend": "scripted", "replies": list(replies or SAID)}


def plain(folder: Path, system: str, **more: Any) -> dict[str, Any]:
    """The configuration of a small loop in this folder, `more` in the place of its own keys."""
    given = {
        "out": str(folder / "loop"),
        "model": "none",
        "ask": scripted(),
        "judge": dict(JUDGES[system]),
        "iterations": 1,
    }
    if "prompts" not in more or "path" not in more["prompts"]:
        more = {**more, "prompts": {"path": str(prompts(folder)), "number": 0, **more.get("prompts", {})}}
    if system == "rlaif":
        given["models"] = {"labeler": scripted("1", "2")}
    if system != "self-taught":
        given["candidates"] = {"n": 4 if system != "rlaif" else 2, "max_tokens": 64}
    return {**given, **more}


def loop(folder: Path, system: str, **more: Any) -> Loop:
    """The loop of `plain`."""
    return from_mapping(system, plain(folder, system, **more), "loop.yaml")  # type: ignore[arg-type]


def made(of: Loop, last: str, *again: str) -> tuple[dict[str, Done], list[str]]:
    """Carry a loop out up to and with a stage, which is made anew; the marks of all stages, and what was said."""
    said: list[str] = []
    return carry_out(workshop(of, quiet=True), said.append, again=(last, *again), only=True), said


def carried(of: Loop) -> tuple[dict[str, Done], list[str]]:
    """Carry a whole loop out."""
    said: list[str] = []
    return carry_out(workshop(of, quiet=True), said.append), said


def record(of: Loop, stage: str, kind: str) -> list[dict[str, Any]]:
    """The lines of one kind (`answer`, `verdict`) in the record of a stage's run."""
    return [row for row in read(of.out / stage / "run" / "record.jsonl") if row["line"] == kind]


def rows(of: Loop, stage: str) -> list[dict[str, Any]]:
    """The training rows that a stage wrote, each with its lineage as a mapping."""
    return [{**row, "lineage": json.loads(row["lineage"])} for row in read(of.out / stage / "data" / "train.jsonl")]


def text_of(messages: Sequence[Mapping[str, str]]) -> str:
    """The one message's text."""
    (one,) = messages
    return one["content"]


def without_training(monkeypatch: Any, jobs: list[Any] | None = None) -> None:
    """Put a stand-in in the place of TRL: each training leaves a file that says what it was given."""

    def run(job: Any, log: Path) -> tuple[Checkpoint, ...]:
        if jobs is not None:
            jobs.append(job)
        folder = job.out / "checkpoint-1"
        folder.mkdir(parents=True)
        (folder / "weights").write_bytes((job.data / "train.jsonl").read_bytes() + str(job.settings).encode())
        return (Checkpoint(1, folder),)

    def merged(checkpoint: Path, base: Path | str, out: Path, log: Path) -> Path:
        out.mkdir()
        (out / "weights").write_bytes((checkpoint / "weights").read_bytes())
        return out

    monkeypatch.setattr(training_stages, "run", run)
    monkeypatch.setattr(training_stages, "merged", merged)
    monkeypatch.setattr(training_stages, "facts_of", lambda folder: None)
