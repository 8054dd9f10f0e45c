"""The first page: what stands where."""

from docs.generator.markdown import page, table

INTRODUCTION = """
Exact and whole, to look things up; to learn, begin with the [tutorials](../tutorial/first-run.md). All of it is written
from the code.
"""
PAGES = (
    ("commands", "Commands", "every command with its options; exit codes; environment variables"),
    ("run-file", "Run files", "the keys of a run file, and how specs are written"),
    ("benchmarks", "Benchmarks", "items, with how they are judged and measured"),
    ("judges", "Judges", "protocols over models, and baselines without one"),
    ("policies", "Policies", "who answers"),
    ("backends", "Backends", "ways to ask a model"),
    ("measures", "Measures", "every number, with its formula and source"),
    ("imports", "Imports", "what other tools recorded"),
    ("reports", "Reports", "how boards are shown; tables of papers"),
    ("plugins", "Plugins", "those of this repository"),
    ("board", "board.json", "every field, and a JSON Schema"),
    ("record", "Run folders", "the lines of record.jsonl, and manifest.json"),
    ("verdict-table", "Verdict tables", "the columns that `import table` reads"),
    ("python", "Python", "every public name, and how it may change"),
    ("kinds", "Kinds", "what a component implements: methods, nouns, requests, events, errors"),
    ("hooks", "Hooks", "how a plugin speaks to judgebench"),
)


def index_page() -> str:
    """Links to all pages."""
    return page(
        "Reference",
        INTRODUCTION,
        table(("page", "what it holds"), [(f"[{title}]({name}.md)", said) for name, title, said in PAGES]),
    )
