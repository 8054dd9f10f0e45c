"""What a user reads of an error in the words of a command line: what is wrong, and the nearest that is right."""

import re
from collections.abc import Iterable

import click

_COMMAND = re.compile(r"No such command '([^']*)'")
_CHOICE = re.compile(r"'([^']*)' is not (?:one of )?")


def said(error: click.ClickException) -> tuple[str, str]:
    """The message and the hint."""
    ctx = getattr(error, "ctx", None)
    see = f"see `{ctx.command_path if ctx else 'judgebench'} --help`"
    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        return f"No such option '{error.option_name}'", _nearest(error.option_name, error.possibilities or (), see)
    if (found := _COMMAND.match(message)) and ctx is not None and isinstance(ctx.command, click.Group):
        return found[0], _nearest(found[1], ctx.command.list_commands(ctx), see)
    if isinstance(error, click.BadParameter) and error.param is not None and (found := _CHOICE.search(message)):
        choices = getattr(error.param.type, "choices", ())
        return message, _nearest(found[1], map(str, choices), see)
    return message, see


def _nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1)
    return f"did you mean '{close[0]}'?" if close else otherwise
