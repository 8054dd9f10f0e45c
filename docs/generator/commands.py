"""The page of commands: usage, arguments, options, exit codes, environment variables."""

import inspect
from collections.abc import Iterator
from typing import Any

import click

from docs.generator.environment import CORE, environment_table
from docs.generator.markdown import code, first_sentence, mono, page, table, text
from judgebench.cli.main import COMMANDS, cli
from judgebench.core.errors import JudgebenchError

WORDS = {"integer": "INTEGER", "float": "NUMBER", "text": "TEXT", "path": "PATH", "filename": "FILE"}
INTRODUCTION = """
Options may stand before or after arguments; `--option VALUE` and `--option=VALUE` are the same. Results go to standard
output, all else (progress, notes, errors) to standard error. An error is two lines: what is wrong, and what to do about
it. `judgebench COMMAND --help` shows what stands here. A word that is no core command is one of a plugin's
([plugins](plugins.md)).
"""
EXITS = {
    0: "done",
    1: "a gate of `compare` closed: nothing went wrong, the answer is the one that was not wanted",
    130: "stopped by Ctrl-C or SIGTERM: what is done is kept, and the same command continues",
    141: "nobody reads on, as behind `| head`",
}


def commands_page() -> str:
    """Every core command, by the order of `judgebench --help`."""
    context = click.Context(cli, info_name="judgebench", **cli.context_settings)
    found = [(name, cli.get_command(context, name)) for name in COMMANDS]
    known = [(name, command) for name, command in found if command is not None]
    rows = [(f"[`{name}`](#judgebench-{name})", first_sentence(command.help)) for name, command in known]
    return page(
        "Commands",
        INTRODUCTION,
        table(("command", "what it does"), rows),
        "## judgebench",
        _options(cli, context, "--help"),
        *(part for name, command in known for part in sections(command, f"judgebench {name}", context)),
        "## Exit codes",
        table(("code", "what it means"), _exits()),
        "## Environment variables",
        environment_table(CORE),
        "A variable of the repository's plugins stands with [them](plugins.md#environment-variables).",
    )


def sections(command: click.Command, path: str, parent: click.Context, level: int = 2) -> Iterator[str]:
    """A command and those below it: heading, usage, help, arguments and options."""
    name = path.rpartition(" ")[2]
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    yield "\n\n".join(
        filter(None, (f"{'#' * level} {path}", code(usage, "text"), helped(command.help), _options(command, context)))
    )
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            if below is not None and not below.hidden:
                yield from sections(below, f"{path} {word}", context, level + 1)


def helped(words: str | None) -> str:
    """A help text as markdown: what click must not wrap is code."""
    parts = []
    for block in inspect.cleandoc(words or "").split("\n\n"):
        if block.startswith("\b"):
            lines = inspect.cleandoc(block.removeprefix("\b").strip("\n"))
            parts.append(code(lines, "sh" if lines.startswith("judgebench") else "text"))
        else:
            parts.append(text(" ".join(block.split())))
    return "\n\n".join(parts)


def _options(command: click.Command, context: click.Context, also: str = "") -> str:
    """Its options; `--help`, which every command has, where `also` names it."""
    rows = []
    for option in command.get_params(context):
        shown = isinstance(option, click.Option) and not option.hidden
        if isinstance(option, click.Option) and shown and ("--help" not in option.opts or also in option.opts):
            rows.append((flags(option), _value(option, context), _default(option), text(option.help or "")))
    return table(("option", "value", "default", "what it is"), rows)


def flags(option: click.Option) -> str:
    """All spellings of a flag: `-o`, `--option`; `--board` / `--no-board`."""
    said = ", ".join(map(mono, option.opts))
    return f"{said} / {', '.join(map(mono, option.secondary_opts))}" if option.secondary_opts else said


def _value(option: click.Option, context: click.Context) -> str:
    if option.is_flag:
        return ""
    more = ", several" if option.multiple else ""
    kind = option.type
    if isinstance(kind, click.Choice):
        return " or ".join(mono(str(choice)) for choice in kind.choices) + more
    word = option.metavar or WORDS.get(kind.name.removesuffix(" range"), kind.name.upper())
    bounds = _bounds(kind) if isinstance(kind, click.IntRange | click.FloatRange) else ""
    return mono(word) + bounds + more


def _bounds(kind: Any) -> str:
    if kind.min is not None and kind.max is not None and not kind.min_open and not kind.max_open:
        return f" {kind.min:g} to {kind.max:g}"
    low = "" if kind.min is None else f" {'>' if kind.min_open else '≥'} {kind.min:g}"
    high = "" if kind.max is None else f" {'<' if kind.max_open else '≤'} {kind.max:g}"
    return low + high


def _default(option: click.Option) -> str:
    if option.required:
        return "required"
    value = option.to_info_dict()["default"]
    if option.is_flag and option.secondary_opts and isinstance(value, bool):
        return mono((option.opts if value else option.secondary_opts)[0])
    if value is None or value is False or value == ():
        return ""
    return mono(str(value))


def _exits() -> list[tuple[str, str]]:
    found = dict(EXITS)
    for cls in JudgebenchError.__subclasses__():
        found[cls.exit_code] = f"`{cls.__name__}`: {first_sentence(cls.__doc__)}"
    return [(str(number), found[number]) for number in sorted(found)]
