"""Which installed plugins are loaded: all of them, or those that JUDGEBENCH_PLUGINS names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judgebench.core.errors import PluginError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "judgebench"
"""The entry point group of plugins."""
VARIABLE = "JUDGEBENCH_PLUGINS"


@dataclass(frozen=True, slots=True)
class Selection:
    """`names` of installed plugins (None: all), and `paths` of plugins that are not installed."""

    names: tuple[str, ...] | None = None
    paths: tuple[str, ...] = ()

    def among(self, entries: "Iterable[EntryPoint]") -> "list[EntryPoint]":
        """The entry points that are selected, by name; PluginError with the nearest for a name that none has."""
        there = sorted(entries, key=lambda entry: (entry.name, entry.value))
        if self.names is None:
            return there
        known = {name for entry in there for name in names_of(entry)}
        for name in self.names:
            if name not in known and normalised(name) not in map(normalised, known):
                from judgebench.plugin.options import nearest

                hint = nearest(name, known) + " (a path has a / or ends in .py)"
                raise PluginError(f"{VARIABLE} names '{name}', and no such plugin is installed", hint)
        return [entry for entry in there if self.takes(entry)]

    def takes(self, entry: "EntryPoint") -> bool:
        """Whether this entry point is selected, by its own name or that of its distribution."""
        if self.names is None:
            return True
        wanted = set(map(normalised, self.names))
        return any(normalised(name) in wanted for name in names_of(entry))

    def takes_distribution(self, entry: "EntryPoint") -> bool:
        """Whether a plugin of this entry point's distribution is selected, as for its commands."""
        if self.names is None or entry.dist is None:
            return self.names is None
        return any(self.takes(one) for one in entry.dist.entry_points if one.group == GROUP)


def selected(environment: Mapping[str, str]) -> Selection:
    """What JUDGEBENCH_PLUGINS says: names and paths between commas; empty: none; not set: every installed one."""
    if (text := environment.get(VARIABLE)) is None:
        return Selection()
    words = [word for part in text.split(",") if (word := part.strip())]
    return Selection(tuple(w for w in words if not is_path(w)), tuple(w for w in words if is_path(w)))


def is_path(text: str) -> bool:
    """Whether a text can only be a path: it has a slash or ends in .py."""
    return "/" in text or text.endswith(".py")


def names_of(entry: "EntryPoint") -> Sequence[str]:
    """What an installed plugin is called: by its entry point, and by its distribution."""
    distribution = entry.dist.name if entry.dist else None  # None too where metadata is damaged
    return (entry.name, distribution) if distribution else (entry.name,)


def normalised(name: str) -> str:
    """A name as package indexes compare them (PEP 503): small letters, and one hyphen for `-`, `_` and `.`."""
    return re.sub(r"[-_.]+", "-", name).lower()
