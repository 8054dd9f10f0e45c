"""The page of hooks: signatures, when each is called, entry points, and how broken plugins are treated."""

from typing import Any

from docs.generator.markdown import code, page, prose
from docs.generator.source import signature
from judgebench.plugin import hooks

INTRODUCTION = """
A plugin is a module that implements one or more of these functions and marks them with `@judgebench.hookimpl`. What it
may import is the public door, `from judgebench import ...` ([python](python.md)). A plugin written from nothing:
[first plugin](../tutorial/first-plugin.md).

```python
from judgebench import hookimpl


@hookimpl
def judgebench_components():
    return [MyJudge]
```
"""
CALLED = {
    "judgebench_components": "Called once, when the plugin is registered: by every command that needs components, and "
    "by `judgebench.run` and its kin. Not by `judgebench --help`.",
    "judgebench_commands": "Called where the command line meets a word that is no core command and that the group "
    "`judgebench.commands` names.",
    "judgebench_observe": "Called for every [event](kinds.md#events) of a run, in order: of `judgebench run`, of "
    "`audit`, and of `judgebench.run` and `judgebench.collect`. What it raises stops the run; its record is kept.",
    "judgebench_secret": "Called for each name in a backend's `secrets`, before anything is asked, and when a backend "
    "asks for a secret as it opens. The environment is looked at last.",
}
REGISTRATION = """
## Entry points

| group | what it names |
| --- | --- |
| `judgebench` | the plugin: `name = "module"`, the module that holds the hooks |
| `judgebench.commands` | each word that `judgebench_commands` adds: `word = "module"`; all that `--help` reads |

```toml
[project.entry-points.judgebench]
mine = "judgebench_mine"

[project.entry-points."judgebench.commands"]
mine = "judgebench_mine"
```

All installed plugins are loaded, in the order of their names, by commands that need components. `JUDGEBENCH_PLUGINS`
names those that are, and none where it is empty. A file, a folder or a module that is not installed is loaded by
`judgebench --plugin PATH`, or by `judgebench.app.registry(plugins=[...])`; a folder stands in the place of the
installed plugin of its name.

## What a component must be

A class of one of the [kinds](kinds.md); a frozen dataclass; with a `name` without blanks, `=`, `:`, `@` and `,`; no
method left abstract; options whose types msgspec can read from JSON, and that are not called `kind`, `name`, `summary`,
`status`, `preset`, or as its kind is; a judge's not `order`, `repeats`, `limit` or `sees` either.

## Broken plugins

- An installed plugin that cannot be imported, implements a hook that there is not, forgets to mark one, implements none
  or brings a class that is no component is *set aside*, whole: the program lives, `judgebench list` says why, and a
  name that is not found says that there are plugins that could not be loaded.
- A plugin that was named, by `--plugin` or a path in `JUDGEBENCH_PLUGINS`, is not set aside: what is wrong with it is
  an error (exit code 3) that names the line.
- Two plugins that claim one name of one kind are an error that names both, as soon as a component is looked up. What
  ships is no exception: no plugin replaces it.
- What a component raises while a run goes on: a `JudgebenchError` or `VerdictError` means what its class says
  ([errors](kinds.md#errors)); any other exception stops the run (exit code 3), and its record is kept.
- A component's code from a path belongs to its identity, by its digest: an edited file is another subject, whose old
  verdicts are not taken for the new code's. That of an installed plugin is told by its version.
"""


def hooks_page() -> str:
    """Every hook, by its name in the module of hook specifications."""
    found = [hook for name, hook in vars(hooks).items() if name.startswith("judgebench_")]
    return page("Hooks", INTRODUCTION, *map(_section, found), REGISTRATION)


def _section(hook: Any) -> str:
    first = hook.judgebench_spec["firstresult"]
    results = "The first result that is not None is taken, and no further plugin asked." if first else ""
    return "\n\n".join(
        filter(
            None,
            (f"## {hook.__name__}", code(signature(hook)), prose(hook.__doc__), CALLED[hook.__name__], results),
        )
    )
