"""The configuration of a loop: a YAML file over the papers' values, checked as a whole before anything is asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from judgebench import ConfigError, build, nearest
from judgebench_loops.definition import METHODS, SECTIONS, Evaluation, Iteration, Loop
from judgebench_loops.measuring import renamed
from judgebench_loops.options import SEED, Eft, System
from judgebench_loops.presets import PAPERS, merged
from judgebench_loops.strict_yaml import Strict
from judgebench_loops.training.settings import PRESETS, Training

T = TypeVar("T")
PER_ITERATION = (*SECTIONS, "judge", "scores", "train", "start", "reference")
TOP = (*PER_ITERATION, "out", "seed", "model", "ask", "models", "first", "eft", "ift", "evaluate")
VARIES: Mapping[str, tuple[str, ...]] = {
    "prompts": ("number", "reuse"),
    "self_taught": ("samples", "majority", "balance", "rows", "per_pair"),
}
"""Of parts that are otherwise read once for the whole loop, the options that an iteration may set."""
USES: Mapping[System, tuple[str, ...]] = {
    "self-rewarding": ("prompts", "candidates", "pairs", "choose", "scores", "eft", "ift"),
    "meta-rewarding": ("prompts", "candidates", "pairs", "meta", "choose", "scores", "eft", "ift"),
    "self-taught": ("prompts", "self_taught", "choose"),
    "rlaif": ("prompts", "candidates", "rlaif", "choose", "ift"),
}
"""The parts that a system has; another one is refused, as nothing would read it."""
OWN = re.compile(r"current|seed|checkpoint|candidate|M\d+|step-\d+")
"""What the loop itself calls its models."""


def read(system: System, path: Path) -> Loop:
    """The loop that a file describes. ConfigError for what cannot be read, an unknown key or a wrong value."""
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=Strict)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {getattr(error, 'strerror', error)}", "name a loop's YAML file") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: {error}".replace("\n", " "), "a loop's configuration is YAML") from None
    except (ValueError, RecursionError) as error:  # such as a date that does not exist
        raise ConfigError(f"{path}: {error}", "put texts that look like dates or numbers in quotes") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path} holds no mapping", "a loop's configuration begins with `model: PATH`")
    return from_mapping(system, values, str(path))


def from_mapping(system: System, given: Mapping[str, Any], where: str) -> Loop:
    """The loop in plain data, over the paper's values."""
    _check(given, (*TOP, "iterations"), where)
    _check_parts(system, given, where)
    values = merged(PAPERS[system], given)
    model = values.get("model")
    if not isinstance(model, str):
        raise ConfigError(f"{where}: no model is named", "add `model: PATH`, the seed model that is trained")
    plain = {key: value for key, value in values.items() if key != "iterations"}
    iterations = []
    for number, entry in enumerate(_schedule(system, given, where), start=1):
        place = f"{where}: iteration {number}"
        _check(entry, PER_ITERATION, place)
        _check_parts(system, entry, place)
        _check_varies(entry, place)
        own = isinstance(given.get("iterations"), list)  # else the paper's, over which the file's options stand
        layers = (plain, entry) if own else (PAPERS[system], entry, given)
        iterations.append(_iteration(number, merged(*layers), place))
    loop = Loop(
        system=system,
        out=Path(_typed(values.get("out", f"runs/{system}"), str, f"{where}: out")),
        seed=_number(values, "seed", where),
        model=model,
        ask=_typed(values.get("ask", {"backend": "hf"}), dict, f"{where}: ask"),
        models=_typed(values.get("models", {}), dict, f"{where}: models"),
        first=_number(values, "first", where),
        ift=None if values.get("ift") is None else Path(_typed(values["ift"], str, f"{where}: ift")),
        eft=build(Eft, _typed(values.get("eft", {}), dict, f"{where}: eft"), f"{where}: eft"),
        before=_iteration(0, plain, where),
        iterations=tuple(iterations),
        evaluations=_evaluations(values.get("evaluate", []), where),
    )
    for name in loop.models:
        if OWN.fullmatch(name):
            raise ConfigError(f"{where}: models: '{name}' is the loop's own word", "call that model otherwise")
    return loop


def _number(values: Mapping[str, Any], key: str, where: str) -> int:
    found = _typed(values.get(key, 0), int, f"{where}: {key}")
    if found < 0:
        raise ConfigError(f"{where}: {key} is {found}", "give a number from 0 on")
    return found


def _check_parts(system: System, given: Mapping[str, Any], where: str) -> None:
    for key in given:
        if key in {"eft", "ift", "scores", *SECTIONS} and key not in USES[system]:
            raise ConfigError(f"{where}: {system} has no '{key}'", f"its parts: {', '.join(USES[system])}")


def _check_varies(entry: Mapping[str, Any], where: str) -> None:
    """ConfigError for an option that would be read of no single iteration."""
    for part, varies in VARIES.items():
        for key in _typed(entry.get(part, {}), dict, f"{where}: {part}"):
            if key in {field.name for field in fields(SECTIONS[part])} and key not in varies:
                raise ConfigError(
                    f"{where}: {part}: '{key}' is the same for all iterations",
                    f"set it above; an iteration may set {', '.join(varies)}",
                )


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
    start, reference = values.get("start", "previous"), values.get("reference", "start")
    for key, value, known in (("start", start, ("previous", SEED)), ("reference", reference, ("start", SEED))):
        if value not in known:
            raise ConfigError(f"{where}: {key} is '{value}'", f"it is one of: {', '.join(known)}")
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
    scores = values.get("scores")
    if not isinstance(scores, str | dict | None):
        raise ConfigError(f"{where}: scores is {scores!r}", "it must be a judge as in a run file")
    return Iteration(number, start, reference, judge, scores, train, **built)


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
        subject = as_judge if as_policy is None else as_policy
        if renamed(subject, "M0") == subject:
            raise ConfigError(f"{place}: {subject!r} names no checkpoint", "its model must be `checkpoint`")
        for kind in ("policies", "judges", "models"):
            for other in _typed(values.get(kind, {}), dict, f"{place}: {kind}"):
                if OWN.fullmatch(other):
                    raise ConfigError(f"{place}: {kind}: '{other}' is the loop's own word", "call it otherwise")
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
    for key in value if isinstance(value, dict) else ():
        if not isinstance(key, str) or not key.strip():
            raise ConfigError(f"{where}: {key!r} is no name", "a name is a text; put it in quotes")
    return value
