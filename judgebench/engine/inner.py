"""The judges that a judge is made of, as the user wrote them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.engine.spec import Entry, split


def inner_entries(value: Any, most: int | None) -> tuple[Entry, ...]:
    """The entries in an option `of`: one entry, a list of them, or a text of several with `+` between them."""
    match value:
        case None:
            return ()
        case str() if value.startswith("["):
            try:
                return msgspec.json.decode(value, type=tuple[str | dict[str, Any], ...])
            except msgspec.DecodeError as error:
                raise ConfigError(f"of={value}: {error}", 'a list is JSON, such as ["first", "second"]') from None
        case str():
            return (value,) if most == 1 else tuple(part.strip() for part in value.split("+"))
        case Mapping():
            return (value,)
        case list() | tuple():
            return tuple(value)
    raise ConfigError(f"of={value}: that is no judge", "a spec text, a mapping with `judge: NAME`, or a list of them")


def extended(entry: Entry, options: Mapping[str, Any], preset: Mapping[str, Any], where: str) -> Entry:
    """An entry with further options; what it sets itself wins over a preset, and is an error otherwise."""
    given = split(entry).options if isinstance(entry, str) else entry
    if twice := given.keys() & (options.keys() - preset.keys()):
        raise ConfigError(f"{where}: option '{min(twice)}' is given twice", "keep one of the two")
    more = {key: value for key, value in options.items() if key not in given}
    if isinstance(entry, str):
        return entry + "".join(f",{key}={value}" for key, value in sorted(more.items()))
    return {**entry, **more}
