"""Tables of the fields of classes that are written as JSON; what each field means is said by hand, once."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any

import msgspec

from docs.generator.markdown import mono, table, text

PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null", Any: "any value"}


def fields_table(cls: type, meanings: Mapping[str, str], known: Mapping[type, str]) -> str:
    """Every field of a class: name, type in JSON, meaning. KeyError for one without a meaning, or one too many.

    `known` are the classes that have a section of their own, by its anchor.
    """
    hints, names = typing.get_type_hints(cls), fields_of(cls)
    if set(meanings) != set(names):
        raise KeyError(f"{cls.__name__}: meanings of other fields than it has: {set(meanings) ^ set(names)}")
    rows = [(mono(name), json_type(hints[name], known), text(meanings[name])) for name in names]
    return table(("field", "type", "what it is"), rows)


def fields_of(cls: type) -> list[str]:
    """The names of a dataclass' or a struct's fields, in order."""
    if issubclass(cls, msgspec.Struct):
        return [field.encode_name for field in msgspec.structs.fields(cls)]
    return [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type]


def json_type(hint: Any, known: Mapping[type, str]) -> str:
    """A type as JSON has it, such as `array of numbers`."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if hint in known:
        return f"[{hint.__name__}](#{known[hint]})"
    if origin in (typing.Union, types.UnionType):
        return " or ".join(json_type(arg, known) for arg in args)
    if origin is typing.Literal:
        return " or ".join(mono(msgspec.json.encode(arg).decode()) for arg in args)
    return _container(hint, known)


def _container(hint: Any, known: Mapping[type, str]) -> str:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and args[1:] != (Ellipsis,):
        return "array: " + ", ".join(json_type(arg, known) for arg in args)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"object of {plural(json_type(args[1], known))}"
    if isinstance(origin, type) and issubclass(origin, list | tuple):
        return f"array of {plural(json_type(args[0], known))}"
    raise TypeError(f"{hint} has no type in JSON here")


def plural(name: str) -> str:
    """`number` as `numbers`; what is no plain word as it is."""
    words = {"string": "strings", "integer": "integers", "number": "numbers", "any value": "any values"}
    return words.get(name, name)
