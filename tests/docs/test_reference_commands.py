"""The page of commands: every command and flag stands there, and every environment variable that code reads."""

import ast
import re

import click
import pytest
from reference_pages import ROOT, page, plain, rows, sections

from judgebench.cli.main import COMMANDS, cli
from judgebench.core import errors


def walked(command, path, context):
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from walked(below, f"{path} {name}", click.Context(command, parent=context))


TOP = click.Context(cli, info_name="judgebench")
ALL = [pair for name in COMMANDS for pair in walked(cli.get_command(TOP, name), f"judgebench {name}", TOP)]


@pytest.mark.parametrize(("path", "command"), ALL, ids=[path for path, _ in ALL])
def test_a_command_is_there_with_every_flag(path, command):
    shown = sections(page("commands"))
    assert path in shown, "run `make docs`"
    check_command(path, command, shown[path])


def check_command(path, command, shown):
    (usage,) = re.findall(r"```text\n(judgebench .*)\n```", shown)[:1]
    assert usage.startswith(path)
    table = {row[0]: row for row in rows(shown)}
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            choices = "|".join(getattr(parameter.type, "choices", ()))
            assert (parameter.metavar or choices or parameter.human_readable_name.upper()) in usage
        else:
            flags = ", ".join(f"`{flag}`" for flag in parameter.opts)
            flags += " / " * bool(parameter.secondary_opts) + ", ".join(
                f"`{flag}`" for flag in parameter.secondary_opts
            )
            check_option(parameter, table[flags])
    first = " ".join((command.help or "").split("\n\n")[0].split())
    assert first
    assert plain(first) in plain(shown)


def check_option(option, row):
    _, value, default, about = row
    assert plain(about) == plain(option.help or "")
    if isinstance(option.type, click.Choice):
        assert [f"`{choice}`" for choice in option.type.choices] == value.removesuffix(", several").split(" or ")
    if option.metavar:
        assert f"`{option.metavar}`" in value
    assert value.endswith(", several") == option.multiple
    assert (default == "required") == option.required
    if isinstance(option.default, (int, float, str)) and not isinstance(option.default, bool):
        assert default == f"`{option.default}`"


def test_what_every_command_takes_is_there():
    table = {row[0]: row for row in rows(sections(page("commands"))["judgebench"])}
    assert "`-h`, `--help`" in table
    for option in cli.params:
        check_option(option, table[", ".join(f"`{flag}`" for flag in option.opts)])


def test_the_commands_of_the_repositorys_plugins_are_there():
    from judgebench_lm_eval import judgebench_commands as of_lm_eval
    from judgebench_loops import judgebench_commands as of_loops

    group = click.Group()
    for add in (of_lm_eval, of_loops):
        add(group)
    assert set(group.commands) == {"lm-eval", "loop"}
    shown = sections(page("plugins"))
    for name, command in group.commands.items():
        check_command(f"judgebench {name}", command, shown[f"judgebench {name}"])


def test_every_exit_code_is_there():
    codes = {row[0] for row in rows(sections(page("commands"))["Exit codes"])}
    classes = [cls for cls in vars(errors).values() if isinstance(cls, type)]
    assert {str(cls.exit_code) for cls in classes if hasattr(cls, "exit_code")} < codes
    assert {"0", "130", "141"} < codes


NAME = re.compile(r"_?[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


def variables(path):
    """The environment variables that a file names, if it deals with the environment at all."""
    tree = ast.parse(path.read_text())
    deals = any(
        (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"))
        or (isinstance(node, ast.keyword | ast.arg) and node.arg in ("envvar", "environment"))
        or (isinstance(node, ast.Constant) and node.value == "envvar")
        for node in ast.walk(tree)
    )
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {text for text in texts if deals and NAME.fullmatch(text)}


@pytest.mark.parametrize(("name", "folders"), [("commands", ["judgebench"]), ("plugins", ["plugins"])])
def test_every_environment_variable_is_there(name, folders):
    apart = {"tests", "testing"}  # which plant variables, and have no settings
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if not apart & {*path.parts}]
    read = {variable for path in paths for variable in variables(path)}
    assert len(read) > 3
    there = {row[0].strip("`") for row in rows(sections(page(name))["Environment variables"])}
    assert not read - there, "add them to docs/generator/environment.py, and run `make docs`"
