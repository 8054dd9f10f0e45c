"""Where components come from: the plugins that take part, and those that were set aside."""

from dataclasses import dataclass

from judgebench.plugin.component import Component


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a component comes from: a plugin's name, its distribution and version.

    Of a plugin that is not installed the distribution is the path as a user gave it, and the version the beginning of
    `code`, the sha256 of its files; `code` is empty where a version says what the code is.
    """

    plugin: str
    distribution: str
    version: str
    code: str = ""

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that was set aside, why, and the traceback of what went wrong."""

    origin: Origin
    reason: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plugin that takes part: how long its import and registration took, the file it lies in, what it brings."""

    origin: Origin
    seconds: float
    place: str
    components: tuple[type[Component], ...]
