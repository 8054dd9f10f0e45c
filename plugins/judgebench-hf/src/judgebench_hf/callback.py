"""A benchmark at each save of a training with transformers' Trainer or one of TRL's: figures with their intervals."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from transformers import Trainer, TrainerCallback

import judgebench
from judgebench import ConfigError, JudgebenchError, Leaderboard
from judgebench_hf import live

Role = Literal["policy", "judge"]
_LOG = logging.getLogger(__name__)
_SERIES_HINT = "give each training in a folder steps of its own: series=NAME-*"


class JudgebenchCallback(TrainerCallback):  # type: ignore[misc]
    """Runs a benchmark on the model in memory each time that the trainer saves, and logs what it finds.

    Add it once the trainer is made: `trainer.add_callback(JudgebenchCallback(trainer, benchmark="starter", ...))`. The
    training goes on to the bit as it would without: the model, its modes and all chance are as before. Each checkpoint
    is a subject `step-N` of one run folder, told by the digest of what was saved: a training that is continued, or done
    again to the same weights, asks nothing twice. Other processes wait for the main one: an evaluation has to be
    shorter than `ddp_timeout`.

    Logged are `judgebench/MEASURE`, its `/low` and `/high`, and, from the second evaluation on, `/against_first` (the
    difference from the first checkpoint) with `/against_first_low` and `/against_first_high`. Where there are several
    judges, the judge's name stands behind the measure's.

    Args:
        trainer: its model is asked, and its tokenizer has to have a chat template.
        benchmark: as in a run file.
        out: the run folder, which all steps share.
        judges: spec texts, such as `logprob@openai:gpt-4.1` or `NAME=...`, or a mapping as in a run file.
        models: as in a run file.
        limit: so many items, the same ones at each save.
        measures: default: the benchmark's own.
        max_tokens: of one answer.
        temperature: default: what the item brings, else 0.
        batch: rows computed at once.
        every: evaluate each n-th save only.
        roles: as a `policy` it answers; as a `judge` it judges the benchmark's ready pairs (`logprob`).
        series: names of the steps, a `*` for the number. Trainings that share a folder need different ones.
        strict: let an error end the training. Without it, one is logged as a warning and the training goes on.

    ConfigError for options that cannot work, and for a trainer whose model is not whole in this process.
    """

    def __init__(
        self,
        trainer: Trainer,
        *,
        benchmark: str | Mapping[str, Any],
        out: str | Path,
        judges: Sequence[str] | Mapping[str, Any] = (),
        models: Mapping[str, Any] | None = None,
        limit: int | None = None,
        measures: Sequence[str] = (),
        max_tokens: int = 512,
        temperature: float | None = None,
        batch: int = 8,
        every: int = 1,
        roles: Sequence[Role] = ("policy",),
        series: str = "step-*",
        strict: bool = False,
    ) -> None:
        if every < 1:
            raise ConfigError(f"every is {every}", "give a number from 1 on")
        if not roles or not set(roles) <= set(get_args(Role)):
            raise ConfigError(f"roles are {tuple(roles)}", f"give one or both of {', '.join(get_args(Role))}")
        if series.count("*") != 1:
            raise ConfigError(f"series is '{series}'", "put one * where the number of the step belongs: step-*")
        if not judges and "judge" not in roles:
            raise ConfigError("no judge is named", 'name one: judges=["logprob@BACKEND:MODEL"]')
        live.check(trainer)
        self._trainer, self._every, self._strict = trainer, every, strict
        self._saves = 0
        sampling = {"max_tokens": max_tokens} | ({} if temperature is None else {"temperature": temperature})
        shared = {"benchmark": benchmark, "out": str(out), "limit": limit, "measures": list(measures)}
        self._steps = Steps(shared, dict(models or {}), named(judges), sampling, batch, tuple(roles), series)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Count the saves from where a training that is continued was left."""
        passed = {"steps": state.global_step // max(1, int(state.save_steps)), "epoch": int(state.epoch or 0)}
        self._saves = passed.get(str(getattr(args.save_strategy, "value", args.save_strategy)), 0)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Evaluate what was just saved, and log the figures."""
        self._saves += 1
        if self._saves % self._every or not state.is_world_process_zero:
            return
        checkpoint = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        try:
            found = self._figures(state.global_step, checkpoint)
        except Exception as error:  # whatever it is, a training of days is worth more
            if self._strict:
                raise
            if isinstance(error, JudgebenchError):
                _LOG.warning("no figures at step %d: %s\n%s", state.global_step, error.message, error.hint)
            else:
                _LOG.warning("no figures at step %d: a fault of the evaluation", state.global_step, exc_info=True)
            return
        # Not the trainer's own `log`: TRL's add to what they log the means since the last time, and begin them anew.
        Trainer.log(self._trainer, found)

    def _figures(self, step: int, checkpoint: Path) -> dict[str, float]:
        with live.as_found(self._trainer.model):
            board = judgebench.run(self._steps.run_file(step, checkpoint), [live.backend(self._trainer)])
        mine = self._steps.shown(board, step, live.digest(checkpoint))
        if any("#" in name for name in mine):
            _LOG.warning("another training has steps of these names: no differences are logged\n%s", _SERIES_HINT)
        return figures(board, mine, tuple(self._steps.judges))


@dataclass(frozen=True, slots=True)
class Steps:
    """The evaluations of one training: what their run files have in common, and how their subjects are called."""

    shared: Mapping[str, Any]
    models: Mapping[str, Any]
    judges: Mapping[str, Any]
    sampling: Mapping[str, Any]
    batch: int
    roles: tuple[Role, ...]
    series: str

    def run_file(self, step: int, checkpoint: Path) -> dict[str, Any]:
        """The run of one step, as plain data."""
        policy = self._name("policy", step)
        found: dict[str, Any] = {
            **self.shared,
            "models": {**self.models, policy: {"backend": live.NAME, "model": str(checkpoint), "batch": self.batch}},
            "judges": dict(self.judges),
            "series": [self._name(role, "*") for role in self.roles],
        }
        if "policy" in self.roles:
            found["policies"] = {policy: {"policy": "chat", "model": policy, **self.sampling}}
        if "judge" in self.roles:
            found["judges"][self._name("judge", step)] = {"judge": "logprob", "model": policy, "sees": "pairs"}
        return found

    def shown(self, board: Leaderboard, step: int, weights: str) -> tuple[str, ...]:
        """What the board calls this step: by name alone, or with a digest where another subject has that name."""
        wanted = {self._name(role, step): self.sampling if role == "policy" else {} for role in self.roles}
        return tuple(
            shown
            for run in board.provenance["runs"]
            for shown, identity in run["subjects"].items()
            if (name := shown.partition("#")[0]) in wanted and _is(identity, weights, wanted[name])
        )

    def _name(self, role: Role, step: int | str) -> str:
        name = self.series.replace("*", str(step))
        return name if role == "policy" else f"logprob@{name}"


def figures(board: Leaderboard, subjects: Sequence[str], judges: Sequence[str]) -> dict[str, float]:
    """What a board says of these subjects, by the names under which it is logged.

    The difference from the first of a series is left out where that one shares its name: two trainings are mixed then.
    """
    first = {subject: one.subjects[0] for one in board.series for subject in one.subjects}
    found: dict[str, float] = {}
    for row in board.estimates:
        if row.subject not in subjects:
            continue
        alone = row.judge is None or [row.judge] == list(judges)
        key = f"judgebench/{row.measure}" if alone else f"judgebench/{row.measure}/{row.judge}"
        found |= {key: row.value, f"{key}/low": row.low, f"{key}/high": row.high}
        other = first.get(row.subject, row.subject)
        if "#" in other:
            continue
        for pair in board.comparisons:
            if (pair.measure, pair.judge) == (row.measure, row.judge) and {pair.a, pair.b} == {row.subject, other}:
                sign = 1 if pair.a == row.subject else -1
                value, *ends = (sign * number + 0.0 for number in (pair.difference, pair.low, pair.high))  # never -0.0
                against = f"{key}/against_first"
                found |= {against: value, f"{against}_low": min(ends), f"{against}_high": max(ends)}
    return found


def named(judges: Sequence[str] | Mapping[str, Any]) -> dict[str, Any]:
    """Judges by name: a spec text without a name of its own is called as it is written."""
    if isinstance(judges, Mapping):
        return dict(judges)
    found: dict[str, Any] = {}
    for text in judges:
        name, equals, _ = text.partition("=")
        found[name if equals and not set(name) & set(":@,") else text] = text
    return found


def _is(identity: Mapping[str, Any], weights: str, options: Mapping[str, Any]) -> bool:
    """Is this the subject that asks these weights, with these options?"""
    given = identity["options"]
    asked = (model for model in given.get("model") or () if isinstance(model, Mapping))
    ours = any(model["backend"] == live.NAME and model[live.WEIGHTS] == weights for model in asked)
    return ours and all(given[name] == value for name, value in options.items())
