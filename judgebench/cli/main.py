"""The entry point: finds the command, and turns errors into two lines and an exit code."""

import contextlib
import keyword
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import click

from judgebench import __version__
from judgebench.cli.known import plugin_option, plugins, registry
from judgebench.core.errors import JudgebenchError, PluginError
from judgebench.discovery.selection import selected

COMMANDS = ("run", "plan", "audit", "import", "leaderboard", "compare", "list", "data", "plugin")
COMPLETE = "_JUDGEBENCH_COMPLETE"
"""The variable by which a shell asks what it can offer at <tab>."""
UNREAD = 141
"""Exit code where nobody reads on, as a shell counts a program that SIGPIPE ended."""


class Commands(click.Group):
    """Core commands by file; for any other word, plugins are asked."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Core commands, then those that plugins name in their metadata."""
        return [*COMMANDS, *sorted(_plugin_words().keys() - set(COMMANDS))]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command; for a plugin's word that is not loaded, what `--help` shows of it."""
        if name in COMMANDS:
            module = f"{name}_" if keyword.iskeyword(name) else name
            command: click.Command = import_module(f"judgebench.cli.{module}").command
            return command
        if name not in self.commands and (owners := _plugin_words().get(name)):
            return click.Command(name, short_help=f"(from {', '.join(owners)})")
        return self.commands.get(name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Load plugins when one of their words is called, and only then."""
        if args[0] not in COMMANDS:
            from judgebench.cli.complete import silence

            with silence() if ctx.resilient_parsing else contextlib.nullcontext():  # a shell asks what it can offer
                if owners := _plugin_words().get(args[0]):
                    self._load(ctx, args[0], owners)
                elif plugins(ctx) or selected(os.environ).paths:  # those not installed name their words nowhere
                    registry(ctx).manager.hook.judgebench_commands(cli=self)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Where nobody reads on, click would say 1, which is a gate that closed."""
        with _read():
            return super().invoke(ctx)

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Read the words; `--help` is printed here."""
        with _read():
            return super().make_context(*args, **more)

    def _load(self, ctx: click.Context, word: str, owners: list[str]) -> None:
        if len(owners) > 1:
            raise PluginError(f"command '{word}' is claimed by two plugins: {' and '.join(owners)}", "uninstall one")
        known = registry(ctx)
        known.manager.hook.judgebench_commands(cli=self)
        if word not in self.commands:
            broken = [plugin.reason for plugin in known.broken if plugin.origin.distribution == owners[0]]
            raise PluginError(
                f"{owners[0]} names a command '{word}' but does not bring it" + "".join(f": {why}" for why in broken),
                "reinstall or uninstall it",
            )


def _plugin_words() -> dict[str, list[str]]:
    """Words by the distributions that claim them, of the plugins that JUDGEBENCH_PLUGINS lets in."""
    from importlib.metadata import entry_points

    selection = selected(os.environ)
    words: dict[str, list[str]] = {}
    for entry in entry_points(group="judgebench.commands"):
        if selection.takes_distribution(entry):
            words.setdefault(entry.name, []).append((entry.dist and entry.dist.name) or entry.value)
    return words


EPILOG = f"""\b
Environment:
  JUDGEBENCH_PLUGINS=a,b  of the installed plugins these alone (names, or paths); empty: none
  JUDGEBENCH_DATA=DIR     a mirror of the hub, in the place of --data-dir
  JUDGEBENCH_TRACE=1      the traceback of an error, and of every plugin that was set aside

\b
Completion of commands, options and names, for bash (zsh_source, fish_source); at <tab> plugins are loaded, those
of --plugin too:
  eval "$({COMPLETE}=bash_source judgebench)"
"""


@click.group(
    cls=Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="judgebench")
@plugin_option
def cli() -> None:
    """Evaluate language models as policies and as judges.

    Exit codes: 0 done, 1 a gate of `compare` closed, 2 wrong input, 3 plugin, 4 data, 5 model, 6 budget, 7 record,
    130 stopped, 141 nobody reads on.
    """


def main() -> None:
    """Run the command line; errors are two lines on stderr (JUDGEBENCH_TRACE=1 adds the traceback)."""
    if COMPLETE in os.environ:
        _complete()
    try:
        code = cli.main(prog_name="judgebench", standalone_mode=False)
    except JudgebenchError as error:
        _fail(error.message, error.hint, error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else str(error))
        code = 2
    except click.ClickException as error:
        from judgebench.cli.hints import said

        _fail(*said(error), 2)
    except (KeyboardInterrupt, click.Abort):
        _fail("stopped: what is done is kept", "the same command continues where it stopped", 130)
    sys.exit(code if isinstance(code, int) else 0)


def _complete() -> None:
    """Answer a shell: a plugin that cannot be loaded offers nothing, and is silent about it."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere), contextlib.suppress(Exception):
        cli.main(prog_name="judgebench", complete_var=COMPLETE)
    sys.exit(0)


@contextlib.contextmanager
def _read() -> Iterator[None]:
    """Where nobody reads on, as behind `| head`: end without a word."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(UNREAD) from None


def _fail(message: str, hint: str, code: int) -> None:
    if os.environ.get("JUDGEBENCH_TRACE") and sys.exc_info()[0] is not KeyboardInterrupt:
        import traceback

        traceback.print_exc()
    click.echo(f"error: {' '.join(message.split())}", err=True)
    if hint:
        click.echo(f"hint: {' '.join(hint.split())}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
