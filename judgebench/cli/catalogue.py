"""The registry as data: what `judgebench list --json` prints."""

import dataclasses
import inspect
import re
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.discovery.registry import Origin, Registry
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import KINDS
from judgebench.plugin.options import nearest
from judgebench.reporting.paper_table import PaperTable

MODULE = re.compile(r"""('[^']*'|"[^"]*")|\b(?:\w+\.)+(?=\w)""")
"""A quoted word of a type, which is kept, or the modules before a name."""
OPTIONAL = re.compile(r"\AOptional\[(.*)\]\Z")


def of_kinds(words: Sequence[str]) -> dict[str, type[Component]]:
    """The classes of the kinds that a user named, by their plurals; all kinds where none is named.

    `templates` are the reports that are tables of papers. ConfigError with the nearest for another word.
    """
    whole = {"policies" if name == "policy" else f"{name}s": kind for name, kind in KINDS.items()}
    plurals: dict[str, type[Component]] = {**whole, "templates": PaperTable}
    singular = {**{kind.kind: plural for plural, kind in whole.items()}, "template": "templates"}
    for word in words:
        if singular.get(word, word) not in plurals:
            raise ConfigError(f"there is no kind '{word}'", nearest(word, plurals))
    return {plural: plurals[plural] for plural in [singular.get(word, word) for word in words] or whole}


def as_data(known: Registry, wanted: Mapping[str, type[Component]]) -> dict[str, Any]:
    """Components of the wanted kinds, and all plugins: `plugins` take part, `broken` were set aside, `clashes`."""
    classes = [
        cls
        for kind in wanted.values()
        for name in known.names(kind)
        if issubclass(cls := known.classes[kind.kind, name], kind)
    ]
    return {
        "components": [_component(cls, known.origins[cls]) for cls in classes],
        "plugins": [
            {
                **_origin(plugin.origin),
                "milliseconds": round(1000 * plugin.seconds, 1),
                "place": plugin.place,
                "components": [f"{cls.kind} {cls.name}" for cls in plugin.components],
            }
            for plugin in known.loaded
        ],
        "broken": [{**_origin(one.origin), "reason": one.reason, "trace": one.trace} for one in known.broken],
        "clashes": [
            {"kind": kind, "name": name, "claimed_by": [_origin(origin) for origin in origins]}
            for (kind, name), origins in known.clashes.items()
        ],
    }


def spelled(hint: Any) -> str:
    """A type as `list` shows it: without the modules that its names come from."""
    plain = MODULE.sub(lambda found: found[1] or "", inspect.formatannotation(hint))
    return OPTIONAL.sub(r"\1 | None", plain)


def _component(cls: type[Component], origin: Origin) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    return {
        "kind": cls.kind,
        "name": cls.name,
        **_origin(origin),
        "summary": cls.summary,
        "status": cls.status,
        "options": [_option(one, hints[one.name]) for one in dataclasses.fields(cls)],  # type: ignore[arg-type]
        "presets": {name: _plain(dict(values)) for name, values in cls.presets.items()},
    }


def _option(field: "dataclasses.Field[Any]", hint: Any) -> dict[str, Any]:
    required = field.default is field.default_factory is dataclasses.MISSING
    default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    return {
        "name": field.name,
        "type": spelled(hint),
        "required": required,
        "default": None if required else _plain(default),
        "help": str(field.metadata.get("help", "")),
    }


def _origin(origin: Origin) -> dict[str, str]:
    return {"plugin": origin.plugin, "distribution": origin.distribution, "version": origin.version}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(value))
