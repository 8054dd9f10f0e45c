"""What a suite of checks is about: a class with options for it, and what else its checks take."""

import dataclasses
import inspect
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from judgebench.core.errors import ConfigError
from judgebench.core.item import Item
from judgebench.core.leaderboard import Leaderboard
from judgebench.core.request import ModelName, Request
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import Secret
from judgebench.plugin.options import build, model_options, options
from judgebench.testing.answering import REPLIES
from judgebench.testing.asking import Asking
from judgebench.testing.check import NotChecked, NotConforming

if TYPE_CHECKING:
    from judgebench.stats.table import Table

K = TypeVar("K", bound=Component)
MODELS = ("scripted-model", "another-model")
"""Names of models that stand for those that a component's options name, where nobody does."""


@dataclass(frozen=True)
class Given:
    """What checks take beside the options; see `conformance`."""

    examples: int = 20
    tolerance: float | None = None
    tables: "Sequence[Table]" = ()
    items: Sequence[Item] = ()
    replies: Sequence[str] = REPLIES
    requests: Sequence[Request] = ()
    boards: Sequence[Leaderboard] = ()
    paths: "Sequence[str | PathLike[str]]" = ()
    secret: Secret | None = None


@dataclass(frozen=True)
class Subject(Generic[K]):
    """A component's class, options for it, and the component; without one, `why_not`."""

    cls: type[K]
    options: Mapping[str, Any]
    component: K | None
    why_not: str = ""
    given: Given = field(default_factory=Given)

    @property
    def built(self) -> K:
        """The component; NotChecked where there is none."""
        if self.component is None:
            raise NotChecked(self.why_not)
        return self.component


def subject_of(component: K | type[K], values: Mapping[str, Any], given: Given) -> Subject[K]:
    """The subject for a component, or for a class with options; those that name a model and are required get one.

    ConfigError for options that it refuses; a class that cannot be built without any is a subject without component.
    """
    if not isinstance(component, type):
        if values:
            raise ConfigError(f"{component.name}: options are given beside a component", "give its class in its place")
        return Subject(type(component), options(component), component, given=given)
    if inspect.isabstract(component):
        return Subject(component, {}, None, "it is abstract", given)
    try:
        words = {**models_for(component), **values}
        return Subject(component, words, build(component, words, component.name), given=given)
    except ConfigError as error:
        if values:
            raise
        why_not = f"{error.message}: give options, as in conformance({component.__name__}, option=value)"
    except TypeError as error:  # it is no dataclass, say, which a check of its own finds
        why_not = f"it cannot be built: {error}"
    return Subject(component, {}, None, why_not, given)


def models_for(cls: type[Any]) -> dict[str, Any]:
    """Names for the options that name a model and have no default."""
    hints = typing.get_type_hints(cls)
    fields = {f.name: f for f in dataclasses.fields(cls)}
    return {
        name: MODELS[0] if hints[name] is ModelName else list(MODELS)
        for name in model_options(cls)
        if fields[name].default is fields[name].default_factory is dataclasses.MISSING
    }


def subclasses(cls: type[Any]) -> Iterator[type[Any]]:
    """All classes below a class."""
    for child in cls.__subclasses__():
        yield child
        yield from subclasses(child)


def option_names(cls: type[Any]) -> set[str]:
    """Names of a class's options; none where it is no dataclass."""
    return {field.name for field in dataclasses.fields(cls)} if dataclasses.is_dataclass(cls) else set()


def models_of(component: Any) -> set[str]:
    """Names of the models that a component's options name, and those of the judges that it is made of."""
    found: set[str] = set()
    for name in model_options(type(component)):
        value = getattr(component, name)
        found |= set() if value is None else {value} if isinstance(value, str) else set(value)
    return found.union(*(models_of(inner) for inner in getattr(component, "judges", ())))


def needs_of(component: Any) -> set[type]:
    """Request classes that a policy or judge asks its models for, and that the judges ask for that it is made of."""
    return set(component.needs()).union(*(needs_of(inner) for inner in getattr(component, "judges", ())))


def only_its_own(component: Any, ask: Asking) -> None:
    """NotConforming where it asked another model than its options name, or for what `needs` does not say."""
    models, needs = models_of(component), needs_of(component)
    for one in ask.asked:
        if one.model not in models:
            raise NotConforming(f"it asks '{one.model}'", f"a model that its options name: {sorted(models)}")
        if type(one.request) not in needs:
            named = ", ".join(cls.__name__ for cls in needs) or "nothing"
            raise NotConforming(f"it asks for a {type(one.request).__name__}", f"what needs() says: {named}")
