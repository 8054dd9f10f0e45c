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
    """The component classes that this plugin brings, each a frozen dataclass with a `name`.

    Asked once, when components are needed. A plugin whose classes are no components, or that raises, is set aside whole
    if it is installed, and an error if a user named it by `--plugin`.

        @hookimpl
        def judgebench_components():
            return [Shorter]
    """


@hookspec
def judgebench_commands(cli: "click.Group") -> None:
    """Add commands to the command line.

    Called only for a word that is no core command. Name each word in the entry point group `judgebench.commands` too,
    so that `--help` can list it without loading the plugin; a word that two plugins name is an error. A plugin that is
    not installed names none: its commands are called behind the option, `judgebench --plugin FILE.py tune`.

        @hookimpl
        def judgebench_commands(cli):
            cli.add_command(tune)
    """


@hookspec
def judgebench_observe(event: Event) -> None:
    """Receive what happens in a run, in order, on the event loop: be quick, do not block.

    `event` is one of `RunStarted`, `StageStarted`, `JobDone`, `CallDone`, `CallFailed`, `RunFinished`.

        @hookimpl
        def judgebench_observe(event):
            if isinstance(event, JobDone) and event.miss is not None:
                log.append((event.subject, event.item, event.miss.reason))
    """


@hookspec(firstresult=True)
def judgebench_secret(name: str) -> str | None:
    """The secret with this name (such as OPENAI_API_KEY), or None; the first result wins.

    Plugins are asked before the environment is. A secret is never written anywhere.

        @hookimpl
        def judgebench_secret(name):
            return vault.get(name)
    """
