"""The page of kinds: what a component of each implements, the nouns it speaks of, requests, errors, events."""

import typing
from collections.abc import Iterator
from typing import Any

from docs.generator.markdown import code, mono, page, prose, table, text
from docs.generator.source import Attribute, assignment, attributes, declaration, head, methods, signature
from judgebench.core import errors, events, item, leaderboard, request
from judgebench.plugin import benchmark, component, conventions, hub, kinds, measure
from judgebench.stats.table import Table

INTRODUCTION = """
A component is a frozen dataclass of one of seven kinds; its fields are its options, declared by `judgebench.option`. A
class sets `name`, a word, and `summary`, half a sentence for `judgebench list`. Components keep no state: what they
need at run time is handed to their methods. What a plugin imports from `judgebench` itself: [python](python.md).
"""
SHARED = {
    "kind": "set by the kind",
    "name": "the word by which a spec names it",
    "summary": "half a sentence, for `judgebench list` and these pages",
}
"""Of variables that every component has, those without a text of their own."""
KINDS: tuple[tuple[type, tuple[type, ...]], ...] = (
    (component.Component, ()),
    (kinds.Backend, (kinds.Session,)),
    (kinds.Policy, (kinds.Ask,)),
    (kinds.Judge, ()),
    (benchmark.Benchmark, (benchmark.DerivedBenchmark, benchmark.Match, hub.DataFile, hub.HubFile)),
    (
        measure.Measure,
        (
            measure.RatioMeasure,
            measure.Cells,
            measure.Support,
            measure.Prepared,
            measure.Published,
            measure.Limits,
            conventions.Convention,
        ),
    ),
    (kinds.Import, (item.Judged,)),
    (kinds.Report, ()),
)
"""Each kind, with the classes that are spoken of beside it."""
NOUNS = (
    item.Item,
    item.Response,
    item.Trial,
    item.Sample,
    item.Preference,
    item.Score,
    item.Vote,
    item.Miss,
    item.Answered,
)
REQUESTS = (request.Chat, request.Text, request.NextToken, request.SequenceScore, request.Reward)
ASKED = (request.Message, request.Sampling, request.Completion, request.Usage)
EVENTS = typing.get_args(events.Event)
RESULTS = (leaderboard.Leaderboard, leaderboard.Estimate, leaderboard.Comparison, leaderboard.Series)
TREE = "The class decides what happens: nothing is told from an error's text."


def kinds_page() -> str:
    """Kinds, nouns, requests, results, events and errors."""
    names = [kind.__name__ for kind, _ in KINDS] + ["Nouns", "Requests", "Table", "Results", "Events", "Errors"]
    return page(
        "Kinds",
        INTRODUCTION,
        " · ".join(f"[{name}](#{name.lower()})" for name in names),
        *(part for kind, beside in KINDS for part in _kind(kind, beside)),
        "## Nouns\n\nFrozen values, handed in and given back.",
        *map(_data, NOUNS),
        _aliases(item, ("Verdict", "Part")),
        "## Requests",
        "What a backend is asked: each class is a capability, and `can` of a backend names those that it has.",
        *map(_data, REQUESTS),
        *map(_data, ASKED),
        _aliases(request, ("Request", "Role", "Finish", "ModelName")),
        "## Table\n\nWhat measures read.",
        code(declaration(Table)),
        prose(Table.__doc__),
        *(_method(method) for method in methods(Table)),
        "## Results\n\nWhat reports render; as JSON: [board](board.md).",
        *map(_data, RESULTS),
        "## Events\n\nWhat observers receive, in order.",
        *map(_data, EVENTS),
        "## Errors",
        TREE,
        code("\n".join(line[4:] for line in (errors.__doc__ or "").splitlines() if line.startswith("    ")), "text"),
        prose((errors.__doc__ or "").rpartition("\n\n")[2]),
        *map(_error, _errors()),
    )


def _kind(kind: type, beside: tuple[type, ...]) -> Iterator[str]:
    yield f"## {kind.__name__}"
    yield from _class(kind)
    for cls in beside:
        yield f"### {cls.__name__}"
        yield from _class(cls)


def _class(cls: type) -> Iterator[str]:
    if not _is_data(cls):
        yield code(head(cls).rstrip(":"))
        yield prose(cls.__doc__)
        yield _variables(attributes(cls))
    else:
        yield code(declaration(cls))
        yield prose(cls.__doc__)
    for method in methods(cls):
        yield _method(method)
    if (call := vars(cls).get("__call__")) is not None:
        yield _method(call)


def _is_data(cls: type) -> bool:
    return "__dataclass_fields__" in vars(cls)


def _data(cls: type) -> str:
    return "\n\n".join((f"### {cls.__name__}", *_class(cls)))


def _method(method: Any) -> str:
    return f"{code(signature(method))}\n\n{prose(method.__doc__)}"


def _variables(found: list[Attribute]) -> str:
    rows = [
        (
            mono(one.name),
            mono(one.type.removeprefix("ClassVar[").removesuffix("]") if one.type.startswith("ClassVar") else one.type),
            "" if one.default is None else mono(one.default),
            text(" ".join((one.about or SHARED.get(one.name, "")).split())),
        )
        for one in found
        if not one.name.startswith("_")
    ]
    return table(("class variable", "type", "default", "what it is"), rows)


def _aliases(module: Any, names: tuple[str, ...]) -> str:
    found = [assignment(module, name) for name in names]
    return "\n\n".join("\n\n".join(filter(None, (code(line), prose(about)))) for line, about in found)


def _errors() -> list[type]:
    return [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, Exception)]


def _error(cls: Any) -> str:
    exit_code = f" Exit code {cls.exit_code}." if hasattr(cls, "exit_code") else ""
    own = vars(cls).get("__init__")
    return "\n\n".join(
        filter(None, (f"### {cls.__name__}", code(signature(own)) if own else "", prose(cls.__doc__) + exit_code))
    )
