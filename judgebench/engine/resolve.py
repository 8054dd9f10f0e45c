"""From a specification to components: every name, option and capability is checked here, before anything is spent."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, Literal, TypeVar

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.engine.named import build_measure, option_values, own_benchmark, resolve_benchmark
from judgebench.engine.spec import Entry, RunSpec, Words, split, words_of
from judgebench.plugin.benchmark import Benchmark, Order
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import Backend, Judge, Policy
from judgebench.plugin.options import build, identity_options, model_options, nearest
from judgebench.plugin.registry import PLANNING, Registry
from judgebench.store.manifest import Subject

C = TypeVar("C", Policy, Judge)
K = TypeVar("K", bound=Component)


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
    """Options that every judge has: what it is asked about, and how much. They are no part of its identity."""

    order: Order | None = None
    repeats: int = 1
    limit: int | None = None
    sees: Literal["policies", "pairs", "both"] | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """A run whose every name is resolved; `source` is the benchmark that brings the items."""

    spec: RunSpec
    benchmark: Benchmark
    source: Benchmark
    policies: tuple[Entrant[Policy], ...]
    judges: tuple[tuple[Entrant[Judge], Planning], ...]
    measures: tuple[str, ...]

    @property
    def entrants(self) -> "tuple[Entrant[Any], ...]":
        """Policies, then judges."""
        return (*self.policies, *(judge for judge, _ in self.judges))


def resolve(spec: RunSpec, registry: Registry, *, secrets: bool = True) -> Setup:
    """Build every component of a run. ConfigError or PluginError for anything that cannot work.

    `secrets=False` leaves it open whether the keys are there.
    """
    resolver = _Resolver(spec, registry)
    benchmark = resolve_benchmark(spec.benchmark, registry, spec.data_dir)
    policies = tuple(resolver.policy(name, entry) for name, entry in spec.policies.items())
    judges = tuple(resolver.judge(name, entry) for name, entry in spec.judges.items())
    if not judges:
        raise ConfigError("no judge is named", "add `--judge logprob@BACKEND:MODEL`, or `judges:` in the run file")
    for judge, _ in judges:
        if judge.subject.name in spec.policies:
            raise ConfigError(f"a policy and a judge are both called '{judge.subject.name}'", "rename one of them")
    for name in spec.models:
        resolver.backend(name, "models")  # those that nobody asks are checked too
    measures = tuple(spec.measures) or benchmark.measures
    for number, measure in enumerate(measures):
        build_measure(measure, registry, "corrected")
        if measure in measures[:number]:
            raise ConfigError(f"measure '{measure}' is named twice", "name it once")
    source = own_benchmark(benchmark, registry, spec.data_dir)
    setup = Setup(spec, benchmark, source, policies, judges, measures)
    for entrant in setup.entrants:
        _check(entrant, registry)
        for model in entrant.models:
            if spec.max_cost is not None and model.backend.prices is None:
                raise ConfigError(
                    f"max_cost is given and the prices of model '{model.name}' are not known",
                    "give its prices (0 for a local model), or bound the run by max_calls",
                )
            for secret in model.backend.secrets if secrets else ():
                if not registry.secret(secret):
                    raise ConfigError(f"model '{model.name}' needs the secret {secret}", f"export {secret}=...")
    return setup


def build_entrant(spec: RunSpec, registry: Registry, kind: str, name: str, entry: Entry) -> Entrant[Any]:
    """One policy or judge of a run, alone; errors as of `resolve`."""
    resolver = _Resolver(spec, registry)
    entrant: Entrant[Any] = resolver.policy(name, entry) if kind == "policy" else resolver.judge(name, entry)[0]
    _check(entrant, registry)
    return entrant


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


class _Resolver:
    """Entries in both forms, a text or a mapping, become `Words` first; a text's options are texts too."""

    def __init__(self, spec: RunSpec, registry: Registry) -> None:
        self._registry = registry
        self._named = spec.models
        self._models: dict[str, Model] = {}

    def component(self, kind: type[K], entry: Entry, where: str) -> K:
        """A component that asks no model."""
        words = words_of(entry, kind.kind, where)
        if words.model is not None:
            raise ConfigError(f"{where}: '{entry}' cannot be read", "the form is NAME[:VALUE][,key=value]")
        cls = self._registry.get(kind, words.head)
        return build(cls, option_values(cls, words, where), where, strict=not isinstance(entry, str))

    def policy(self, name: str, entry: Entry) -> Entrant[Policy]:
        """A policy; a spec text whose head is a backend means that backend's model through `chat`."""
        words = words_of(entry, "policy", f"policy '{name}'", name)
        head, has = words.head, self._registry.has
        if isinstance(entry, str) and words.model is None and has(Backend, head) and not has(Policy, head):
            model = head if words.value is None else f"{head}:{words.value}"
            words = msgspec.structs.replace(words, head="chat", value=None, model=model)
        return self._entrant(Policy, name, words, strict=not isinstance(entry, str))

    def judge(self, name: str, entry: Entry) -> tuple[Entrant[Judge], Planning]:
        """A judge with its planning options."""
        where = f"judge '{name}'"
        words = words_of(entry, "judge", where, name)
        given = {key: value for key, value in words.options.items() if key in PLANNING}
        rest = {key: value for key, value in words.options.items() if key not in PLANNING}
        strict = not isinstance(entry, str)
        try:
            planning = msgspec.convert(given, type=Planning, strict=strict)
        except msgspec.ValidationError as error:
            hint = "order: both | seeded; sees: policies | pairs | both; repeats, limit: numbers"
            raise ConfigError(f"{where}: {error}", hint) from None
        if planning.repeats < 1 or (planning.limit is not None and planning.limit < 1):
            raise ConfigError(f"{where}: repeats and limit begin at 1", "leave limit out for all items")
        return self._entrant(Judge, name, msgspec.structs.replace(words, options=rest), strict=strict), planning

    def _entrant(self, kind: type[C], name: str, words: Words, *, strict: bool) -> Entrant[C]:
        where = f"{kind.kind} '{name}'"
        cls = self._registry.get(kind, words.head)
        component = build(cls, self._divided(cls, words, where), where, strict=strict)
        models: dict[str, Model] = {}
        asked: dict[str, Any] = {}
        for option in model_options(cls):
            value = getattr(component, option)
            references = () if value is None else (value,) if isinstance(value, str) else value
            models.update({reference: self.model(reference, where) for reference in references})
            asked[option] = [models[reference].identity for reference in references]
        identity = {
            "component": component.name,
            "options": {**identity_options(component), **asked},
            **component.fingerprint(),
        }
        return Entrant(Subject(kind.kind, name, identity), component, tuple(models.values()))

    def _divided(self, cls: type[Component], words: Words, where: str) -> dict[str, Any]:
        """A component's options; those it does not have go to the model behind the @ of a text."""
        values = option_values(cls, words, where)
        if words.model is None:
            return values
        if not (takes := model_options(cls)):
            raise ConfigError(f"{where}: {cls.kind} '{words.head}' asks no model", f"write '{words.head}' alone")
        if takes[0] in values:
            raise ConfigError(f"{where}: '{takes[0]}' is given twice", f"write {words.head}@MODEL alone")
        mine = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        rest = {key: value for key, value in values.items() if key not in mine}
        if words.model in self._named:
            for key in rest:
                hint = nearest(key, mine) + "; options of a named model stand under `models:` or in --model"
                raise ConfigError(f"{where}: unknown option '{key}'", hint)
        elif self._registry.has(Backend, head := split(words.model).head):
            theirs = {field.name for field in fields(self._registry.get(Backend, head))}  # type: ignore[arg-type]
            for key in rest.keys() - theirs:
                planning = PLANNING if issubclass(cls, Judge) else set()
                raise ConfigError(f"{where}: unknown option '{key}'", nearest(key, mine | theirs | planning))
        reference = words.model + "".join(f",{key}={value}" for key, value in sorted(rest.items()))
        return {takes[0]: reference, **{key: value for key, value in values.items() if key in mine}}

    def model(self, reference: str, where: str) -> Model:
        """The model behind a reference: a name under `models:`, or `backend:model[,key=value]`."""
        if reference not in self._models:
            backend = self.backend(reference, where)
            identity = {"backend": backend.name, "options": identity_options(backend), **backend.fingerprint()}
            self._models[reference] = Model(reference, backend, identity)
        return self._models[reference]

    def backend(self, reference: str, where: str) -> Backend:
        """The backend behind a reference, not yet looked into."""
        if reference not in self._named:
            words = split(reference)
            if words.value is None and not self._registry.has(Backend, words.head):
                raise ConfigError(
                    f"{where}: there is no model '{reference}'",
                    nearest(reference, self._named) if self._named else "write BACKEND:MODEL, such as openai:gpt-4.1",
                )
        return self.component(Backend, self._named.get(reference, reference), f"model '{reference}'")
