"""The configuration of a loop: a YAML file over the papers' values, checked as a whole before anything is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml

from judgebench import ConfigError, build, nearest
from judgebench_loops.options import (
    CURRENT,
    SEED,
    Candidates,
    Choosing,
    Eft,
    Entry,
    MetaJudging,
    Pairs,
    Prompts,
    Rlaif,
    SelfTaught,
    System,
)
from judgebench_loops.presets import PAPERS, merged
from judgebench_loops.training.settings import PRESETS, Training

T = TypeVar("T")
SECTIONS: Mapping[str, type[Any]] = {
    "prompts": Prompts,
    "candidates": Candidates,
    "pairs": Pairs,
    "meta": MetaJudging,
    "self_taught": SelfTaught,
    "rlaif": Rlaif,
    "choose": Choosing,
}
"""Parts that an iteration may set otherwise."""
METHODS: Mapping[str, str] = {"sft": "sft", "dpo": "dpo", "reward": "reward", "rl": "rloo"}
"""The trainings of a loop, and the method of each where nothing else is said."""
TOP = ("out", "seed", "start", "model", "ask", "models", "first", "judge", "scores", "eft", "ift", "train", "evaluate")
PER_ITERATION = (*SECTIONS, "judge", "scores", "train", "start")
USES: Mapping[System, tuple[str, ...]] = {
    "self-rewarding": ("prompts", "candidates", "pairs", "choose", "scores", "eft", "ift"),
    "meta-rewarding": ("prompts", "candidates", "pairs", "meta", "choose", "scores", "eft", "ift"),
    "self-taught": ("prompts", "candidates", "self_taught", "choose"),
    "rlaif": ("prompts", "candidates", "rlaif", "choose", "ift"),
}
"""The parts that a system has; another one is refused, as nothing would read it."""


@dataclass(frozen=True)
class Iteration:
    """One iteration with everything that holds in it."""

    number: int
    start: Literal["previous", "seed"]
    judge: Entry
    scores: Entry | None
    train: Mapping[str, Training]
    prompts: Prompts
    candidates: Candidates
    pairs: Pairs
    meta: MetaJudging
    self_taught: SelfTaught
    rlaif: Rlaif
    choose: Choosing


@dataclass(frozen=True)
class Evaluation:
    """How every checkpoint is measured: a run file whose model `checkpoint` stands for each of them in turn.

    `as_policy` is the policy's entry, `as_judge` the judge's; what else the run has (`judges`, `policies`, `models`)
    is the same for all.
    """

    name: str
    run: Mapping[str, Any]
    as_policy: Entry | None
    as_judge: Entry | None


@dataclass(frozen=True)
class Loop:
    """A loop that was checked."""

    system: System
    out: Path
    seed: int
    model: str
    ask: Mapping[str, Any]
    models: Mapping[str, Entry]
    first: int
    ift: Path | None
    eft: Eft
    before: Iteration
    iterations: tuple[Iteration, ...]
    evaluations: tuple[Evaluation, ...]

    @property
    def warms_up(self) -> bool:
        """Is there supervised fine-tuning before the first iteration."""
        return self.ift is not None or self.eft.path is not None


def read(system: System, path: Path) -> Loop:
    """The loop that a file describes. ConfigError for what cannot be read, an unknown key or a wrong value."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {getattr(error, 'strerror', error)}", "name a loop's YAML file") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: {error}".replace("\n", " "), "a loop's configuration is YAML") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path} holds no mapping", "a loop's configuration begins with `model: PATH`")
    return from_mapping(system, values, str(path))


def from_mapping(system: System, given: Mapping[str, Any], where: str) -> Loop:
    """The loop in plain data, over the paper's values."""
    known = {*TOP, *SECTIONS, "iterations"}
    _check(given, known, where)
    for key in given:
        if key in {"eft", "ift", "scores", *SECTIONS} and key not in USES[system]:
            raise ConfigError(f"{where}: {system} has no '{key}'", f"its parts: {', '.join(USES[system])}")
    values = merged(PAPERS[system], given)
    model = values.get("model")
    if not isinstance(model, str):
        raise ConfigError(f"{where}: no model is named", "add `model: PATH`, the seed model that is trained")
    plain = {key: value for key, value in values.items() if key != "iterations"}
    iterations = []
    for number, entry in enumerate(_schedule(system, given, where), start=1):
        place = f"{where}: iteration {number}"
        _check(entry, PER_ITERATION, place)
        iterations.append(_iteration(number, merged(plain, entry), place))
    loop = Loop(
        system=system,
        out=Path(_typed(values.get("out", f"runs/{system}"), str, f"{where}: out")),
        seed=_typed(values.get("seed", 0), int, f"{where}: seed"),
        model=model,
        ask=_typed(values.get("ask", {"backend": "hf"}), dict, f"{where}: ask"),
        models=_typed(values.get("models", {}), dict, f"{where}: models"),
        first=_typed(values.get("first", 0), int, f"{where}: first"),
        ift=None if values.get("ift") is None else Path(_typed(values["ift"], str, f"{where}: ift")),
        eft=build(Eft, _typed(values.get("eft", {}), dict, f"{where}: eft"), f"{where}: eft"),
        before=_iteration(0, plain, where),
        iterations=tuple(iterations),
        evaluations=_evaluations(values.get("evaluate", []), where),
    )
    for name in (CURRENT, SEED, "checkpoint", "candidate"):
        if name in loop.models:
            raise ConfigError(f"{where}: models: '{name}' is the loop's own word", "call that model otherwise")
    return loop


def _schedule(system: System, given: Mapping[str, Any], where: str) -> list[Mapping[str, Any]]:
    """What each iteration sets otherwise. So many of them are the paper's first; its last goes on for further ones."""
    paper = PAPERS[system]["iterations"]
    wanted = given.get("iterations", paper)
    if isinstance(wanted, int) and not isinstance(wanted, bool) and wanted > 0:
        steps: list[Mapping[str, Any]] = list(paper) if isinstance(paper, list) else [{}]
        return (steps + steps[-1:] * wanted)[:wanted]
    if isinstance(wanted, list) and wanted and all(isinstance(entry, dict) for entry in wanted):
        return wanted
    raise ConfigError(f"{where}: iterations is {wanted!r}", "give a number from 1 on, or a list of mappings")


def _iteration(number: int, values: Mapping[str, Any], where: str) -> Iteration:
    start = values.get("start", "previous")
    if start not in ("previous", "seed"):
        raise ConfigError(
            f"{where}: start is '{start}'", "an iteration starts from `previous`, or from the `seed` model"
        )
    built = {
        name: build(cls, _typed(values.get(name, {}), dict, f"{where}: {name}"), f"{where}: {name}")
        for name, cls in SECTIONS.items()
    }
    given = _typed(values.get("train", {}), dict, f"{where}: train")
    _check(given, METHODS, f"{where}: train")
    train = {name: training(name, given.get(name, {}), f"{where}: train.{name}") for name in METHODS}
    judge = values.get("judge")
    if not isinstance(judge, str | dict):
        raise ConfigError(f"{where}: no judge is named", "add `judge:` as in a run file; its model may be `current`")
    return Iteration(number, start, judge, values.get("scores"), train, **built)


def training(name: str, given: Any, where: str) -> Training:
    """The settings of one training: a preset's, the options given over them."""
    values = dict(_typed(given, dict, where))
    preset = values.pop("preset", None)
    if preset is not None and preset not in PRESETS:
        raise ConfigError(f"{where}: there is no preset '{preset}'", nearest(str(preset), PRESETS))
    return build(Training, {"method": METHODS[name], **PRESETS.get(preset, {}), **values}, where)


def _evaluations(given: Any, where: str) -> tuple[Evaluation, ...]:
    found: list[Evaluation] = []
    for number, entry in enumerate(_typed(given, list, f"{where}: evaluate"), start=1):
        place = f"{where}: evaluate {number}"
        values = dict(_typed(entry, dict, place))
        if "benchmark" not in values:
            raise ConfigError(f"{place} names no benchmark", "add `benchmark: NAME`, as in a run file")
        as_policy, as_judge = values.pop("as_policy", None), values.pop("as_judge", None)
        if (as_policy is None) == (as_judge is None):
            raise ConfigError(
                f"{place} must say what a checkpoint is in it",
                "add `as_policy: {policy: chat, model: checkpoint}`, or `as_judge: {judge: ..., model: checkpoint}`",
            )
        name = values.pop("name", "policy" if as_policy is not None else "judge")
        if any(one.name == name for one in found):
            raise ConfigError(f"{place}: two evaluations are called '{name}'", "give one of them another `name`")
        if "out" in values or "seed" in values:
            raise ConfigError(f"{place}: the loop sets `out` and `seed`", "leave them out")
        found.append(Evaluation(name, values, as_policy, as_judge))
    return tuple(found)


def _check(given: Mapping[Any, Any], known: Sequence[str] | Mapping[str, Any] | set[str], where: str) -> None:
    for key in given:
        if key not in known:
            raise ConfigError(f"{where}: unknown key '{key}'", nearest(str(key), known))


def _typed(value: Any, kind: type[T], where: str) -> T:
    if not isinstance(value, kind) or isinstance(value, bool):
        names = {str: "a text", int: "a whole number", dict: "a mapping", list: "a list"}
        raise ConfigError(f"{where} is {value!r}", f"it must be {names[kind]}")
    return value


def plain(section: Any) -> dict[str, Any]:
    """The options of a part as JSON has them, for a stage's digest."""
    import msgspec

    return {one.name: msgspec.to_builtins(getattr(section, one.name)) for one in fields(section)}
