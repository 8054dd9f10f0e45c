"""Policies, judges and models out of what a user wrote, a text or a mapping each."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.discovery.registry import PLANNING, Registry
from judgebench.engine.entrant import C, Entrant, Model, Planning
from judgebench.engine.inner import extended, inner_entries
from judgebench.engine.named import option_values, preset_of
from judgebench.engine.spec import Entry, RunSpec, Words, split, words_of
from judgebench.judging.of_judges import OfJudges
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import Backend, Judge, Policy
from judgebench.plugin.options import build, identity_options, model_options, nearest
from judgebench.store.manifest import Subject

K = TypeVar("K", bound=Component)


class Resolver:
    """Entries in both forms, a text or a mapping, become `Words` first; a text's options are texts too."""

    def __init__(self, spec: RunSpec, registry: Registry) -> None:
        self._registry = registry
        self._named = spec.models
        self._judges = spec.judges
        self._models: dict[str, Model] = {}
        self._making: tuple[str, ...] = ()

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
        words, preset = preset_of(cls, words, where)
        if issubclass(cls, OfJudges):
            return self._made_of(cls, name, words, preset, strict=strict)
        component = build(cls, {**preset, **self._divided(cls, words, where)}, where, strict=strict)
        models: dict[str, Model] = {}
        asked: dict[str, Any] = {}
        for option in model_options(cls):
            value = getattr(component, option)
            references = () if value is None else (value,) if isinstance(value, str) else value
            models.update({reference: self.model(reference, where) for reference in references})
            asked[option] = [models[reference].identity for reference in references]
        return Entrant(Subject(kind.kind, name, self._identity(component, asked)), component, tuple(models.values()))

    def _made_of(
        self, cls: type[OfJudges], name: str, words: Words, preset: Mapping[str, Any], *, strict: bool
    ) -> Entrant[Any]:
        """A judge made of judges. Options that it does not have are the one inner judge's."""
        where = f"judge '{name}'"
        if words.model is not None:
            raise ConfigError(f"{where}: '{cls.name}' asks no model", f"write {cls.name}:JUDGE@{words.model}")
        values = {**preset, **option_values(cls, words, where)}
        own = {field.name for field in fields(cls)}
        rest = {key: value for key, value in values.items() if key not in own}
        entries = inner_entries(values.get("of"), cls.most)
        named = any(isinstance(entry, str) and entry in self._judges for entry in entries)
        if rest and (named or len(entries) != 1):
            hint = nearest(min(rest), own | PLANNING) + "; options of a judge of the run stand with that judge" * named
            raise ConfigError(f"{where}: unknown option '{min(rest)}'", hint)
        self._making = (*self._making, name)
        inner = tuple(self._inner(name, extended(entry, rest, preset, where)) for entry in entries)
        self._making = self._making[:-1]
        mine = {key: value for key, value in values.items() if key in own}
        component = build(cls, {**mine, **({"of": entries} if entries else {})}, where, strict=strict)
        component = component.over([judge.component for judge in inner])
        models = {model.name: model for judge in inner for model in judge.models}
        identity = self._identity(component, {"of": [judge.subject.identity for judge in inner]})
        return Entrant(Subject("judge", name, identity), component, tuple(models.values()), inner)

    def _inner(self, outer: str, entry: Entry) -> Entrant[Judge]:
        """A judge that another is made of: one of the run's by its name, or one that is written out."""
        if isinstance(entry, str) and entry in self._judges:
            if entry in self._making:
                raise ConfigError(f"judge '{entry}' is made of itself", "name other judges in its `of`")
            return self.judge(entry, self._judges[entry])[0]
        if isinstance(entry, str) and not self._registry.has(Judge, split(entry).head):
            known = (*self._registry.names(Judge), *self._judges)
            raise ConfigError(f"judge '{outer}': there is no judge '{entry}'", nearest(split(entry).head, known))
        options = split(entry).options if isinstance(entry, str) else entry
        if planning := PLANNING.intersection(options):
            raise ConfigError(
                f"judge '{outer}': one of its judges sets '{min(planning)}'",
                "write it beside the whole judge's options",
            )
        return self.judge(split(entry).name or f"{outer}: {entry}" if isinstance(entry, str) else outer, entry)[0]

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
            code = self._registry.code(backend)
            identity = {"backend": backend.name, "options": identity_options(backend), **backend.fingerprint(), **code}
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

    def _identity(self, component: Component, named: Mapping[str, Any]) -> dict[str, Any]:
        """What can change its results; `named` holds the identities of the models or judges that its options name."""
        options = {**identity_options(component), **named}
        code = self._registry.code(component)
        return {"component": component.name, "options": options, **component.fingerprint(), **code}
