"""What a class declares: name, summary, options, presets."""

import dataclasses
import re
import typing
from collections.abc import Mapping
from typing import Any

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.discovery.registration import checked
from judgebench.judging.of_judges import OfJudges
from judgebench.plugin.component import Component
from judgebench.plugin.options import build, options
from judgebench.testing.check import NotChecked, NotConforming
from judgebench.testing.rule import Rule
from judgebench.testing.subject import Subject, option_names


def is_declared(subject: Subject[Component]) -> None:
    """What the registry asks of a class, and a summary for `judgebench list`."""
    checked(subject.cls)  # its error says what
    summary = getattr(subject.cls, "summary", "")
    if not isinstance(summary, str) or not summary.strip() or "\n" in summary:
        raise NotConforming(f"summary is {summary!r}", "one line that says what it does, for `judgebench list`")


def explains_options(subject: Subject[Component]) -> None:
    """Every option has a help text."""
    for field in dataclasses.fields(subject.cls):  # type: ignore[arg-type]
        if field.init and not str(field.metadata.get("help", "")).strip():
            raise NotConforming(f"option '{field.name}' has no help", 'declare it by option(..., help="...")')


def is_its_options(subject: Subject[Component]) -> None:
    """The options, as JSON has them, make an equal component."""
    component = subject.built
    plain = options(component)
    _same(component, build(subject.cls, msgspec.json.decode(msgspec.json.encode(plain)), component.name), plain)


def is_read_from_flags(subject: Subject[Component]) -> None:
    """The options as texts, which is what flags have, make an equal component.

    An option that takes a text beside other things stays as it is: a flag can only give it the text.
    """
    component = subject.built
    defaults = {field.name: field.default for field in dataclasses.fields(subject.cls)}  # type: ignore[arg-type]
    plain = options(component)
    hints = typing.get_type_hints(subject.cls)
    texts = {
        key: value if str in typing.get_args(hints[key]) else _text(value)
        for key, value in plain.items()
        if value is not None or defaults[key] is not None
    }
    _same(component, build(subject.cls, texts, component.name, strict=False), texts)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _same(component: Component, again: Component, values: Mapping[str, Any]) -> None:
    if again != component:
        raise NotConforming(f"built from {values}: {again!r}", f"{component!r}")


def is_frozen(subject: Subject[Component]) -> None:
    """No option can be set, and equal options make equal components, with equal hashes where they have one."""
    component = subject.built
    for key in (*options(component), "something_new"):
        try:
            setattr(component, key, getattr(component, key, 0))
        except (dataclasses.FrozenInstanceError, AttributeError, TypeError):  # the last of one with slots
            continue
        raise NotConforming(f"'{key}' of a component can be set", "decorate the class with @dataclass(frozen=True)")
    again = dataclasses.replace(component)  # type: ignore[type-var]
    if again != component:
        raise NotConforming("two components with the same options are not equal", "equality by the options' values")
    try:
        same = hash(again) == hash(component)
    except TypeError:  # an option holds a list or mapping
        return
    if not same:
        raise NotConforming("two equal components have different hashes", "the hash that @dataclass(frozen=True) gives")


def has_presets(subject: Subject[Component]) -> None:
    """Each preset is made of options that the class has, with values that they take."""
    hints = typing.get_type_hints(subject.cls, include_extras=True)
    own = option_names(subject.cls)
    refused = []
    for name, preset in subject.cls.presets.items():
        others = preset.keys() - own
        if others and not issubclass(subject.cls, OfJudges):  # which hand them on to the judges that they are made of
            raise NotConforming(f"preset '{name}' sets '{min(others)}', which is no option", "options of the class")
        values = {key: value for key, value in preset.items() if key in own}
        for key, value in values.items():
            try:
                msgspec.convert(value, type=hints[key], strict=True)
            except msgspec.ValidationError as error:
                raise NotConforming(f"preset '{name}' sets '{key}' to {value!r}: {error}", "what it takes") from None
        try:
            build(subject.cls, {**subject.options, **values}, f"preset {name}")
        except ConfigError as error:
            refused.append(f"preset '{name}': {error.message}")
    if refused:  # it may stand upon an option that a user must give
        raise NotChecked(f"{'; '.join(refused)}: give the options that it needs")


def has_one_fingerprint(subject: Subject[Component]) -> None:
    """The fingerprint is a mapping from text to text, the same when it is asked again, of it or of an equal one."""
    component = subject.built
    first, again = component.fingerprint(), component.fingerprint()
    if not isinstance(first, Mapping) or not all(isinstance(text, str) for pair in first.items() for text in pair):
        raise NotConforming(f"fingerprint() is {first!r}", "a mapping from names to digests, all of them texts")
    other = dataclasses.replace(component).fingerprint()  # type: ignore[type-var]
    if not dict(first) == dict(again) == dict(other):
        raise NotConforming(f"fingerprint() is {dict(first)}, then {dict(again)}", "the same every time")
    if re.search(r" at 0x[0-9a-f]{6,}", repr(dict(first))):
        raise NotConforming(f"fingerprint() holds an address: {dict(first)}", "the same in every process")


RULES = (
    Rule("is declared as the registry asks, with a summary", is_declared),
    Rule("explains every option", explains_options),
    Rule("is what its options say, through JSON", is_its_options),
    Rule("is what its options say, through flags", is_read_from_flags),
    Rule("is frozen, and equal by value", is_frozen),
    Rule("has presets that build", has_presets, lambda cls: bool(cls.presets)),
    Rule("has the same fingerprint twice", has_one_fingerprint),
)
