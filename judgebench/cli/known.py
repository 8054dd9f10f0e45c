"""The components that a command knows: what ships, what is installed, and what its --plugin options name."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from judgebench.discovery.registry import Registry

KEY = "judgebench.plugins"
"""Where the context of a command keeps the paths of its plugins."""
F = TypeVar("F", bound=Callable[..., Any])


def plugin_option(command: F) -> F:
    """Add --plugin, whose paths `registry` reads."""
    return click.option(
        "--plugin",
        multiple=True,
        metavar="PATH",
        expose_value=False,
        callback=_keep,
        shell_complete=lambda ctx, param, incomplete: [CompletionItem(incomplete, type="file")],
        help="A plugin that is not installed: a .py file, a package folder, a module. May be given more than once.",
    )(command)


def plugins(ctx: click.Context | None = None) -> tuple[str, ...]:
    """The paths that the command line has named so far."""
    context = ctx or click.get_current_context()
    return tuple(context.meta.get(KEY, ()))


def registry(ctx: click.Context | None = None) -> "Registry":
    """The registry of a context, else of the command that is running.

    With JUDGEBENCH_TRACE=1 the tracebacks of plugins that were set aside are printed.
    """
    from judgebench import app

    known = app.registry(plugins=plugins(ctx))
    if os.environ.get("JUDGEBENCH_TRACE"):
        for broken in known.broken:
            click.echo(f"set aside: {broken.origin.plugin} [{broken.origin}]\n{broken.trace}", err=True)
    return known


def _keep(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> None:
    ctx.meta[KEY] = (*ctx.meta.get(KEY, ()), *value)
