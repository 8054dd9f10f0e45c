"""Who takes part in a run: components with their models and identities, and what a judge is asked about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import msgspec

from judgebench.plugin.benchmark import Order
from judgebench.plugin.kinds import Backend, Judge, Policy
from judgebench.store.manifest import Subject

C = TypeVar("C", Policy, Judge)


@dataclass(frozen=True, slots=True)
class Model:
    """A backend with its options, under the name by which components ask for it."""

    name: str
    backend: Backend
    identity: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entrant(Generic[C]):
    """A policy or a judge that takes part, with the models it asks; `inner` are the judges that a judge is made of."""

    subject: Subject
    component: C
    models: tuple[Model, ...]
    inner: "tuple[Entrant[Judge], ...]" = ()

    def all(self) -> "Iterator[Entrant[Any]]":
        """Itself, and all the judges that it is made of."""
        yield self
        for judge in self.inner:
            yield from judge.all()


class Planning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options that every judge has: what it is asked about, and how much. They are no part of its identity."""

    order: Order | None = None
    repeats: int = 1
    limit: int | None = None
    sees: Literal["policies", "pairs", "both"] | None = None
