"""The page of the repository's plugins: their components and commands."""

import click

from docs.generator import catalogue
from docs.generator.commands import sections
from docs.generator.components import section
from docs.generator.environment import PLUGINS, environment_table
from docs.generator.markdown import page, table, text
from docs.generator.measures import measure_section
from judgebench.cli.main import cli
from judgebench.plugin.measure import Measure

INTRODUCTION = """
Each is a distribution of its own, since each adds a dependency. Its README says how it is installed and used.
"""


def plugins_page() -> str:
    """Every plugin of the repository, whether it is installed or not."""
    found = catalogue.plugins()
    rows = [(f"[{plugin.name}](#{plugin.name})", text(plugin.about)) for plugin in found]
    return page(
        "Plugins",
        INTRODUCTION,
        table(("plugin", "what it is"), rows),
        *(part for plugin in found for part in _plugin(plugin)),
        "## Environment variables",
        environment_table(PLUGINS),
    )


def _plugin(plugin: catalogue.Plugin) -> list[str]:
    context = click.Context(cli, info_name="judgebench", **cli.context_settings)
    parts = [
        f"## {plugin.name}",
        f"{text(plugin.about)} [README](../../plugins/{plugin.name}/README.md).",
    ]
    for cls in plugin.components:
        heading = f"### {cls.kind} {cls.name}"
        whole = measure_section(cls, 3) if issubclass(cls, Measure) else section(cls, 3)
        parts.append(whole.replace(f"### {cls.name}", heading, 1))
    for command in plugin.commands:
        parts += sections(command, f"judgebench {command.name}", context, 3)
    return parts
