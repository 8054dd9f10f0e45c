"""From a specification to components: every name, option and capability is checked here, before anything is spent."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.engine.spec import RunSpec, Words, split
from judgebench.plugin.kinds import Backend, Benchmark, Component, Judge, Measure, Order, Policy
from judgebench.plugin.options import build, identity_options, model_options, nearest, options
from judgebench.plugin.registry import Registry
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
    """A policy or a judge that takes part, with the models it asks."""

    subject: Subject
    component: C
    models: tuple[Model, ...]


class Planning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options that every judge has: how much it is asked. They are no part of its identity."""

    order: Order | None = None
    repeats: int = 1
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """A run whose every name is resolved."""

    spec: RunSpec
    benchmark: Benchmark
    policies: tuple[Entrant[Policy], ...]
    judges: tuple[tuple[Entrant[Judge], Planning], ...]
    measures: tuple[str, ...]
    cache: Path | None

    @property
    def entrants(self) -> "tuple[Entrant[Any], ...]":
        """Policies, then judges."""
        return (*self.policies, *(judge for judge, _ in self.judges))


_PLANNING = {field.name for field in msgspec.structs.fields(Planning)}


def resolve(spec: RunSpec, registry: Registry, cache: Path) -> Setup:
    """Build every component of a run. ConfigError or PluginError for anything that cannot work."""
    registry.check()
    resolver = _Resolver(spec, registry)
    name, values, strict = resolver.component(Benchmark, spec.benchmark, "benchmark")
    benchmark = build(registry.get(Benchmark, name), values, f"benchmark '{name}'", strict=strict)
    policies = tuple(resolver.policy(name, entry) for name, entry in spec.policies.items())
    judges = tuple(resolver.judge(name, entry) for name, entry in spec.judges.items())
    if not judges:
        raise ConfigError("no judge is named", "add `--judge logprob@BACKEND:MODEL`, or `judges:` in the run file")
    for judge, _ in judges:
        if judge.subject.name in spec.policies:
            raise ConfigError(f"a policy and a judge are both called '{judge.subject.name}'", "rename one of them")
    measures = tuple(spec.measures) or benchmark.measures
    for measure in measures:
        registry.get(Measure, measure)
    where = None if spec.cache is False else cache if spec.cache is True else Path(spec.cache)
    setup = Setup(spec, benchmark, policies, judges, measures, where)
    for entrant in setup.entrants:
        _check(entrant, registry)
    return setup


def _check(entrant: Entrant[Any], registry: Registry) -> None:
    for model in entrant.models:
        for request in entrant.component.needs():
            if request not in model.backend.can:
                able = [name for name in registry.names(Backend) if request in registry.get(Backend, name).can]
                raise ConfigError(
                    f"{entrant.subject.kind} '{entrant.subject.name}' needs {request.__name__}, "
                    f"which backend '{model.backend.name}' cannot do",
                    "these can: " + (", ".join(able) or "none that is installed"),
                )
        for secret in model.backend.secrets:
            if not registry.secret(secret):
                raise ConfigError(f"model '{model.name}' needs the secret {secret}", f"export {secret}=...")


class _Resolver:
    def __init__(self, spec: RunSpec, registry: Registry) -> None:
        self._registry = registry
        self._named = spec.models
        self._models: dict[str, Model] = {}

    def component(
        self, kind: type[Component], entry: str | Mapping[str, Any], where: str
    ) -> tuple[str, dict[str, Any], bool]:
        """Name, options and strictness of an entry that is no more than a component."""
        if isinstance(entry, str):
            words = split(entry)
            if words.name is not None or words.model is not None:
                raise ConfigError(f"{where}: '{entry}' cannot be read", "the form is NAME[:VALUE][,key=value]")
            return words.head, self._values(kind, words), False
        values = dict(entry)
        if kind.kind not in values:
            raise ConfigError(f"{where}: '{kind.kind}' is missing", f"add `{kind.kind}: NAME`")
        return str(values.pop(kind.kind)), values, True

    def _values(self, kind: type[Component], words: Words) -> dict[str, Any]:
        values: dict[str, Any] = dict(words.options)
        if words.value is not None:
            cls = self._registry.get(kind, words.head)
            declared = fields(cls)  # type: ignore[arg-type]
            if not declared:
                raise ConfigError(f"{kind.kind} '{words.head}' takes no value", f"write '{words.head}' alone")
            values[declared[0].name] = words.value
        return values

    def policy(self, name: str, entry: str | Mapping[str, Any]) -> Entrant[Policy]:
        """A policy; a spec text whose head is a backend means that backend's model through `chat`."""
        if isinstance(entry, str):
            words = split(entry)
            if not self._registry.has(Policy, words.head) and self._registry.has(Backend, words.head):
                entry = f"chat@{entry.removeprefix(f'{words.name}=')}"
        return self._entrant(Policy, name, entry)

    def judge(self, name: str, entry: str | Mapping[str, Any]) -> tuple[Entrant[Judge], Planning]:
        """A judge with its planning options."""
        where = f"judge '{name}'"
        if isinstance(entry, str):
            words = split(entry)
            given = {key: value for key, value in words.options.items() if key in _PLANNING}
            rest: str | dict[str, Any] = entry
            for key, value in given.items():
                rest = str(rest).replace(f",{key}={value}", "", 1)
        else:
            given = {key: value for key, value in entry.items() if key in _PLANNING}
            rest = {key: value for key, value in entry.items() if key not in _PLANNING}
        try:
            planning = msgspec.convert(given, type=Planning, strict=not isinstance(entry, str))
        except msgspec.ValidationError as error:
            raise ConfigError(f"{where}: {error}", "order: both | seeded; repeats, limit: numbers") from None
        if planning.repeats < 1 or (planning.limit is not None and planning.limit < 1):
            raise ConfigError(f"{where}: repeats and limit begin at 1", "leave limit out for all items")
        return self._entrant(Judge, name, rest), planning

    def _entrant(self, kind: type[C], name: str, entry: str | Mapping[str, Any]) -> Entrant[C]:
        where = f"{kind.kind} '{name}'"
        if isinstance(entry, str):
            words = split(entry)
            head, values, strict = words.head, self._values(kind, words), False
            if words.model is not None:
                values = self._with_model(kind, words, values, where)
        else:
            head, values, strict = self.component(kind, entry, where)
        cls = self._registry.get(kind, head)
        component = build(cls, values, where, strict=strict)
        models: dict[str, Model] = {}
        asked: dict[str, Any] = {}
        for option in model_options(cls):
            value = getattr(component, option)
            references = (value,) if isinstance(value, str) else value
            models.update({reference: self.model(reference, where) for reference in references})
            asked[option] = [models[reference].identity for reference in references]
        identity = {
            "component": component.name,
            "options": {**identity_options(component), **asked},
            **component.fingerprint(),
        }
        return Entrant(Subject(kind.kind, name, identity), component, tuple(models.values()))

    def _with_model(self, kind: type[C], words: Words, values: dict[str, Any], where: str) -> dict[str, Any]:
        """Divide a text's options between the component and the model behind its @."""
        assert words.model is not None
        cls = self._registry.get(kind, words.head)
        slots = model_options(cls)
        if not slots:
            raise ConfigError(f"{where}: {kind.kind} '{words.head}' asks no model", f"write '{words.head}' alone")
        mine = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        own = {key: value for key, value in values.items() if key in mine}
        rest = {key: value for key, value in values.items() if key not in mine}
        if rest and words.model in self._named:
            raise ConfigError(
                f"{where}: unknown option '{next(iter(rest))}'", "options of a named model stand under `models:`"
            )
        own[slots[0]] = words.model + "".join(f",{key}={value}" for key, value in sorted(rest.items()))
        return own

    def model(self, reference: str, where: str) -> Model:
        """The model behind a reference: a name under `models:`, or `backend:model[,key=value]`."""
        if reference in self._models:
            return self._models[reference]
        entry = self._named.get(reference, reference)
        if isinstance(entry, str):
            words = split(entry)
            if words.value is None:
                raise ConfigError(
                    f"{where}: there is no model '{reference}'",
                    nearest(reference, self._named) if self._named else "write BACKEND:MODEL, such as openai:gpt-4.1",
                )
        head, values, strict = self.component(Backend, entry, f"model '{reference}'")
        backend = build(self._registry.get(Backend, head), values, f"model '{reference}'", strict=strict)
        identity = {"backend": head, "options": identity_options(backend), **backend.fingerprint()}
        self._models[reference] = Model(reference, backend, identity)
        return self._models[reference]


def described(component: Component) -> dict[str, Any]:
    """A component's name and options, for the manifest."""
    return {component.kind: component.name, **options(component)}
