"""What surrounds a component while it works: its samples are kept, its faults are named, its verdict is checked."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from judgebench.core.errors import DataError, JudgebenchError, PluginError
from judgebench.core.item import Part, Preference, Sample, Score, Verdict
from judgebench.engine.ask import Asker, Stopped
from judgebench.engine.entrant import Entrant
from judgebench.plugin.component import Component


class Collecting:
    """An ask that keeps what it was told, for the record."""

    def __init__(self, ask: Asker) -> None:
        self._ask = ask
        self.samples: list[Sample] = []

    async def __call__(self, model: str, request: Any, draw: int = 0) -> Sample:
        """Ask, and keep the sample."""
        sample = await self._ask(model, request, draw)
        self.samples.append(sample)
        return sample


class blaming:
    """Turns an unforeseen exception of a component into a PluginError that names it."""

    def __init__(self, entrant: Entrant[Any]) -> None:
        self._entrant = entrant

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None or isinstance(error, JudgebenchError | Stopped) or not isinstance(error, Exception):
            return
        subject = self._entrant.subject
        raise PluginError(
            f"{subject.kind} '{subject.name}' failed: {type(error).__name__}: {error}",
            "this is a fault of the component, not of your data; JUDGEBENCH_TRACE=1 shows where",
        ) from error


def check_unchanged(entrant: Entrant[Any]) -> None:
    """DataError where what the options of an entrant or its models point to is not what the run was planned with.

    Looked at once its models are loaded: a checkpoint that was overwritten since would answer under another's name.
    """
    parts: list[tuple[Component, Mapping[str, Any]]] = [(one.component, one.subject.identity) for one in entrant.all()]
    parts += [(model.backend, model.identity) for model in entrant.models]
    for component, identity in parts:
        for what, digest in component.fingerprint().items():
            if identity[what] != digest:
                raise DataError(
                    f"{entrant.subject.kind} '{entrant.subject.name}': its {what} changed since it was planned",
                    "nothing was asked of it; the same command takes it as it is now, as another subject",
                )


def checked(verdict: Verdict, responses: int) -> Verdict:
    """The verdict, if it can be one on so many responses; else TypeError or ValueError."""
    match verdict:
        case Preference(values):
            sound = all(0.0 <= value <= 1.0 for value in values) and math.isclose(sum(values), 1.0, abs_tol=1e-6)
        case Score(values):
            sound = all(map(math.isfinite, values))
        case _:
            raise TypeError(f"read() returned {type(verdict).__name__}, not Preference or Score")
    if len(values) != responses or not sound:
        raise ValueError(f"{verdict} is no verdict on {responses} responses")
    return verdict


def checked_parts(parts: Sequence[Part], responses: int) -> tuple[Part, ...]:
    """The parts, if each is a row of finite numbers on so many responses, or empty; else ValueError."""
    for part in parts:
        if part and (len(part) != responses or not all(one is None or math.isfinite(one) for one in part)):
            raise ValueError(f"{part} is no part of a verdict on {responses} responses")
    return tuple(map(tuple, parts))
