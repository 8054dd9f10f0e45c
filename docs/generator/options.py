"""Tables of options, and how their types are spelled."""

import dataclasses
import types
import typing
from collections.abc import Iterator
from typing import Any

import msgspec

from docs.generator.markdown import mono, table, text

_BOUNDS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}"}


def options_table(cls: type) -> str:
    """Every option of a component: name, type, default, help; nothing where it has none."""
    hints = typing.get_type_hints(cls, include_extras=True)
    rows = [
        (mono(field.name), mono(spelled(hints[field.name])), default(field), text(field.metadata.get("help", "")))
        for field in dataclasses.fields(cls)
        if field.init
    ]
    return table(("option", "type", "default", "what it is"), rows)


def default(field: "dataclasses.Field[Any]") -> str:
    """A field's default as Python writes it; `required` where there is none."""
    if field.default is not dataclasses.MISSING:
        return mono(repr(field.default))
    return "required" if field.default_factory is dataclasses.MISSING else mono(repr(field.default_factory()))


def spelled(hint: Any) -> str:
    """A type without the modules that names come from; of a bounded number the bounds, of words the words."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint is type(None):
        return "None"
    if origin is typing.Annotated:
        return " ".join((spelled(args[0]), ", ".join(_bounds(args[1:]))))
    if origin is typing.Literal:
        return " | ".join(map(repr, args))
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(spelled, args))
    if origin is not None:
        inside = ", ".join("..." if arg is Ellipsis else spelled(arg) for arg in args)
        return f"{origin.__name__}[{inside}]"
    return str(getattr(hint, "__name__", hint))


def _bounds(metas: tuple[Any, ...]) -> Iterator[str]:
    for meta in metas:
        if isinstance(meta, msgspec.Meta):
            for name, sign in _BOUNDS.items():
                if (bound := getattr(meta, name)) is not None:
                    yield sign.format(bound)
