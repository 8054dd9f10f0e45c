"""The public conformance suite: the checks that every component of a kind passes."""

from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from os import PathLike
from typing import TYPE_CHECKING, Any

from judgebench.core.errors import PluginError
from judgebench.core.item import Item
from judgebench.core.leaderboard import Leaderboard
from judgebench.core.request import Request
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import KINDS, Secret
from judgebench.testing.answering import REPLIES
from judgebench.testing.check import Check
from judgebench.testing.rule import Rule
from judgebench.testing.subject import Given, Subject, option_names, subject_of

if TYPE_CHECKING:
    from judgebench.stats.table import Table

_OF_ALL = ("declaration", "importing", "privacy")
_OF_KIND = {
    "backend": "backend",
    "policy": "policy",
    "judge": "judge",
    "benchmark": "benchmark",
    "measure": "measure",
    "import": "reading",
    "report": "report",
}


def conformance(
    component: Component | type[Component],
    /,
    *,
    examples: int = 20,
    tolerance: float | None = None,
    tables: "Sequence[Table]" = (),
    items: Sequence[Item] = (),
    replies: Sequence[str] = REPLIES,
    requests: Sequence[Request] = (),
    boards: Sequence[Leaderboard] = (),
    paths: "Sequence[str | PathLike[str]]" = (),
    secret: Secret | None = None,
    **options: Any,
) -> list[Check]:
    """All checks of a component's kind, each to be called: see `Check`.

        @pytest.mark.parametrize("check", conformance(Shorter), ids=str)
        def test_conforms(check):
            check()

    A class is built from `options`, as by `judgebench.build`; options that name a model and have no default get a
    name that stands for one. Checks that need a component raise NotChecked where the class cannot be built without
    options that nobody gave. None needs a network or a model, but for what the component itself brings; two start an
    interpreter of their own (what the import does; whether a report is the same there). An argument below that the
    class has an option of is the option; where that is not meant, a component that is built already is given.

    Args:
        examples: how many cases are drawn for each check that draws any. They are the same every time.
        tolerance: of a measure, the relative difference of values that are held equal; None: 1e-9, and 1e-6 for those
            that say that they are `joint`, which are fitted step by step.
        tables: for a measure that drawn tables do not serve, since it needs more data or columns of its own.
        items: for a policy or judge that answers only items of its own.
        replies: texts that the models behind a judge or policy answer with, where the usual forms mean nothing to it.
        requests: what a backend is asked, where it answers only some; short greedy ones without a draw.
        boards: for a report that is of some boards alone.
        paths: for an import: files that it can read, each by itself; without any, what it makes of files is unchecked.
        secret: what a backend is opened with, where it needs true secrets; None: every secret is a made-up word.

    ConfigError for options that the class refuses; PluginError without Hypothesis, or for what is no component.
    """
    if find_spec("hypothesis") is None:
        raise PluginError("the conformance checks need Hypothesis", "pip install 'judgebench[testing]'")
    cls = component if isinstance(component, type) else type(component)
    if not issubclass(cls, tuple(KINDS.values())):
        known = ", ".join(kind.__name__ for kind in KINDS.values())
        raise PluginError(f"{cls.__name__} is of no kind", f"subclass one of {known}")
    settings: dict[str, Any] = {
        "examples": examples,
        "tolerance": tolerance,
        "tables": tables,
        "items": items,
        "replies": replies,
    }
    settings |= {"requests": requests, "boards": boards, "paths": paths, "secret": secret}
    if cls is component:
        for name in settings.keys() & option_names(cls):
            if settings[name] is not getattr(Given, name):
                options[name] = settings[name]
            del settings[name]
    return list(_checks(subject_of(component, options, Given(**settings))))


def _checks(subject: Subject[Any]) -> Iterator[Check]:
    cls = subject.cls
    name = getattr(cls, "name", None) or cls.__name__
    for room in (*_OF_ALL, _OF_KIND[cls.kind]):
        rules: Sequence[Rule] = import_module(f"judgebench.testing.checks.{room}").RULES
        for rule in rules:
            if rule.concerns(cls):
                yield Check(cls.kind, name, rule.about, partial(rule.check, subject))
