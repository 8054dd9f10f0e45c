"""The page of run files and specs."""

from typing import Any

import msgspec

from docs.generator.markdown import code, mono, page, table, text
from docs.generator.options import spelled
from judgebench.engine.spec import RunSpec

INTRODUCTION = """
A run file says in YAML what flags say on the command line; flags go before it. `judgebench run run.yaml`. From Python
the same mapping goes to `judgebench.run`.
"""
EXAMPLE = """
benchmark: alpaca-eval-2
limit: 100                       # a seeded sample of the items; leave out for all
models:
  strong: {backend: openai, model: gpt-4.1}
policies:
  iter1: {policy: recorded, path: outputs/iter1.json}
  iter2: {policy: chat, model: "hf:ckpts/iter2", temperature: 0.7, max_tokens: 2048}
judges:
  lp: {judge: logprob, model: strong, order: both}
out: runs/weekly
seed: 7
"""
SPECS = """
## Specs

An entry under `models`, `policies` or `judges`, and `benchmark`, is a mapping of options, with the component under its
kind (`judge: logprob`), or one text:

```text
[NAME=]COMPONENT[:VALUE | @BACKEND:MODEL][,option=value...]
```

- `NAME` is what boards call it. Without one it is made of the value, model or path.
- `:VALUE` sets the component's first option; `@BACKEND:MODEL`, or `@NAME` of an entry under `models`, sets a judge's
  model.
- The first `:` or `@` ends the component's name: what follows may hold both. A comma begins an option only before
  `key=`.
- A list is JSON, or one text that is its only element; a mapping is JSON; true, false and null are so spelled.
- A value that holds `*` stands for every path that matches it, in the order of the numbers in their names: each is a
  subject of its own, and all are steps of one training.
- `preset=NAME` sets the options of a preset; options that are given win.
"""
KEYS = {
    "benchmark": "what is asked: a spec, or a mapping with `benchmark: NAME` and its options",
    "models": "models by name, for use in policies and judges",
    "policies": "who answers, by name; without any, judges are asked about the items' ready responses",
    "judges": "who judges, by name",
    "measures": "specs of measures, in the place of the benchmark's own",
    "series": "patterns of names, such as `iter*`: what matches is steps of one training",
    "out": "the run folder, continued where it exists; null: `runs/BENCHMARK`",
    "limit": "a seeded, stratified sample of so many items; null: all",
    "seed": "of samples, orders and intervals",
    "retries": "further tries of a call that fails in a way that may pass",
    "max_calls": "stop before so many calls are exceeded",
    "max_cost": "stop before so many US dollars are exceeded, where prices are known",
    "cache": "whether completions are cached in the run folder; or a file, for several runs to share",
    "data_dir": "a mirror of the hub; null: `JUDGEBENCH_DATA`, else the hub",
}


def run_file_page() -> str:
    """Every key of a run file, and how specs are written. KeyError for one without a meaning, or one too many."""
    fields = {field.name: field for field in msgspec.structs.fields(RunSpec)}
    if set(fields) != set(KEYS):
        raise KeyError(f"meanings of other keys than a run file has: {set(fields) ^ set(KEYS)}")
    rows = [
        (mono(name), mono(spelled(field.type)), _default(field), text(KEYS[name])) for name, field in fields.items()
    ]
    keys = table(("key", "type", "default", "what it is"), rows)
    return page("Run files", INTRODUCTION, code(EXAMPLE.strip("\n"), "yaml"), "## Keys", keys, SPECS)


def _default(field: Any) -> str:
    if field.default is not msgspec.NODEFAULT:
        return mono(msgspec.json.encode(field.default).decode())
    if field.default_factory is not msgspec.NODEFAULT:
        return mono(msgspec.json.encode(field.default_factory()).decode())
    return "required"
