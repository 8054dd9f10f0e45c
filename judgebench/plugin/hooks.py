"""The hooks by which a plugin speaks to judgebench, and the mark for implementing them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

from judgebench.core.events import Event

if TYPE_CHECKING:
    import click

PROJECT = "judgebench"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def judgebench_components() -> Iterable[type]:  # type: ignore[empty-body]
    """The component classes that this plugin brings."""


@hookspec
def judgebench_commands(cli: "click.Group") -> None:
    """Add commands to the command line.

    Called only for a word that is no core command. Name each word in the entry point group
    `judgebench.commands` too, so that `--help` can list it without loading the plugin.
    """


@hookspec
def judgebench_observe(event: Event) -> None:
    """Receive what happens in a run, in order, on the event loop: be quick, do not block."""


@hookspec(firstresult=True)
def judgebench_secret(name: str) -> str | None:
    """The secret with this name (such as OPENAI_API_KEY), or None; the first result wins."""
