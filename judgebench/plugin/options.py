"""Options of components: one declaration gives parsing, help, repr and identity."""

import dataclasses
import difflib
import inspect
import math
import types
import typing
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.core.request import ModelName

T = TypeVar("T")

TokenLimit = Annotated[int, msgspec.Meta(ge=1)]
"""Most tokens of an answer. Bounds in a type are checked by `build`."""
Temperature = Annotated[float, msgspec.Meta(ge=0)]
"""0 is greedy."""
Weight = Annotated[int, msgspec.Meta(ge=1)]
"""How many plain ones something counts for."""
TopP = Annotated[float, msgspec.Meta(gt=0, le=1)]
"""Share of probability that nucleus sampling keeps; 1 keeps all."""


def option(default: Any = dataclasses.MISSING, *, help: str, identity: bool | Literal["if set"] = True) -> Any:
    """A field of a component with its help text; without a default it is required.

    `identity=False` marks what cannot change a result (a time-out, a path whose content is
    fingerprinted): changing it does not make another subject. `if set` is for an option that came later: left at its
    default it changes no identity, so that older runs are continued.
    """
    return dataclasses.field(default=default, metadata={"help": help, "identity": identity})


def nearest(word: str, known: Iterable[str], prefixed: Iterable[str] = ()) -> str:
    """`did you mean 'X'?` for the nearest known word, else the list of known words.

    Those of `prefixed`, such as `response.length`, are also found without what stands before the dot (of two that
    end alike the first), and are not listed.
    """
    names = sorted(known)
    meant = {name: name for name in names}
    for name in prefixed:
        meant.setdefault(name, name)
        meant.setdefault(name.rpartition(".")[2], name)
    close = difflib.get_close_matches(word, meant, n=1)
    if close:
        return f"did you mean '{meant[close[0]]}'?"
    return "known: " + ", ".join(names) if names else "there are none"


def build(cls: type[T], values: Mapping[str, Any], where: str, *, strict: bool = True) -> T:
    """An instance of a component from a mapping of options.

    `strict=False` reads numbers, booleans, lists and mappings out of strings (flags have nothing
    else): a list is JSON, or one text that is its only element, or nothing; a mapping is JSON. An
    unknown or missing option, a value of a wrong type, or a number that is not finite is a
    ConfigError that names `where`.
    """
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}  # type: ignore[arg-type]
    for key in values:
        if key not in fields:
            raise ConfigError(f"{where}: unknown option '{key}'", nearest(key, fields))
    for key, field in fields.items():
        if key not in values and field.default is field.default_factory is dataclasses.MISSING:
            raise ConfigError(f"{where}: option '{key}' is missing", str(field.metadata.get("help", "")))
    if not strict:
        hints = typing.get_type_hints(cls)
        values = {key: _unpacked(value, hints[key], f"{where}: option '{key}'") for key, value in values.items()}
    try:
        built = msgspec.convert(dict(values), type=cls, strict=strict)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}", _known_words(cls, values, str(error))) from None
    for key in values:
        value = getattr(built, key)
        if isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"{where}: option '{key}' is {value}", "give a finite number")
    return built


def _known_words(cls: type[Any], values: Mapping[str, Any], error: str) -> str:
    """The words that the option takes whose value is none of them; else where to look."""
    for key, hint in typing.get_type_hints(cls).items():
        words = [str(word) for part in (hint, *typing.get_args(hint)) for word in _literals(part)]
        if words and f"`$.{key}`" in error:
            slash = isinstance(values.get(key), str) and "/" in values[key]
            return nearest(str(values.get(key)), words) + (
                "; a part stands before options: NAME/PART,key=value" * slash
            )
    return "see `judgebench list` for the options and their types"


def _literals(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else ()


def options(component: Any) -> dict[str, Any]:
    """The options of an instance with their values, as JSON has them: the same in every process."""
    return {f.name: _plain(getattr(component, f.name)) for f in dataclasses.fields(component)}


def identity_options(component: Any) -> dict[str, Any]:
    """The options that can change a result."""
    marked = {f.name for f in dataclasses.fields(component) if _counts(f, getattr(component, f.name))}
    return {key: value for key, value in options(component).items() if key in marked}


def _counts(field: "dataclasses.Field[Any]", value: Any) -> bool:
    counts = field.metadata.get("identity", True)
    return value != field.default if counts == "if set" else bool(counts)


def model_options(cls: type[Any]) -> tuple[str, ...]:
    """Names of the options whose type says that they name a model (ModelName, alone or in a tuple)."""
    hints = typing.get_type_hints(cls)
    return tuple(f.name for f in dataclasses.fields(cls) if _names_model(hints[f.name]))


def _names_model(hint: Any) -> bool:
    return hint is ModelName or any(_names_model(part) for part in typing.get_args(hint))


def _plain(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value, order="deterministic"))


def _unpacked(value: Any, hint: Any, where: str) -> Any:
    """A list or mapping out of a flag's text, where the type asks for one and does not take text."""
    parts = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    kinds = [kind for part in parts if inspect.isclass(kind := typing.get_origin(part) or part)]
    wanted = [kind for kind in kinds if issubclass(kind, Collection)]
    words = {word for part in parts if typing.get_origin(part) is typing.Literal for word in typing.get_args(part)}
    if not isinstance(value, str) or not wanted or str in wanted or value in words:
        return value
    if not value.startswith(("[", "{")):
        return value if any(issubclass(kind, Mapping) for kind in wanted) else [value] if value else []
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError as error:
        raise ConfigError(f"{where}: {error}", f"it is read as JSON, such as {_example(value)}") from None


def _example(value: str) -> str:
    return '{"key": "value"}' if value.startswith("{") else '["first", "second"]'
