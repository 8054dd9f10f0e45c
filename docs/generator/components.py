"""The pages of components: one section each, with its docstring, facts, presets and options."""

import dataclasses
import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from docs.generator.catalogue import of_kind
from docs.generator.markdown import mono, page, prose, sentence, table, text
from docs.generator.options import options_table
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import KINDS
from judgebench.reporting.paper_table import PaperTable

SHARED = ("judgebench.plugin.", "judgebench.measuring.")
"""Where measures' common bases stand, whose options every page says already."""
INTRODUCTIONS = {
    "backend": """
A backend is a way to ask a model. In a spec it stands before the model's name, `BACKEND:MODEL`, which is its first
option; others follow: `--model strong=openai:gpt-4.1,base_url=http://localhost:8000/v1`. In a run file:
`models: {strong: {backend: openai, model: gpt-4.1}}`. *Can* names the requests that it answers ([kinds](kinds.md));
what a judge or policy needs is compared with it before anything is asked. Backends of plugins: [plugins](plugins.md).
""",
    "policy": """
A policy answers the items. `--policy [NAME=]POLICY:VALUE[,option=value...]`: the value is its first option. A backend
in the place of a policy, as in `--policy openai:gpt-4.1-mini`, is the policy `chat` with that model.
""",
    "judge": """
A judge says which of a trial's responses is better. `--judge [NAME=]JUDGE@BACKEND:MODEL[,option=value...]`. Beside its
own options each takes `order` (`both` or `seeded`), `repeats`, `limit` and `sees` (`policies`, `pairs` or `both`), and
`preset` where it has presets: `preset=NAME` sets a preset's options, others given win. Which judge is for what:
[judges](../explanation/judges.md).
""",
    "benchmark": """
A benchmark brings items, and says how they are judged and measured where nobody else does.
`judgebench run BENCHMARK[:VALUE][,option=value...]`: the value is its first option. Those that read from the hub take
`data_dir` (a mirror) and `revision`; `judgebench data list` names their files and licences.
""",
    "import": """
An import reads what another tool recorded: `judgebench import FORM FILE... --out RUN [-o option=value]`.
""",
    "report": """
A report renders a board: `judgebench leaderboard RUN... --format REPORT`. The tables of papers are reports too:
`--template NAME` sets your numbers beside a paper's ([papers](../explanation/papers.md)).
""",
}
TITLES = {
    "backend": "Backends",
    "policy": "Policies",
    "judge": "Judges",
    "benchmark": "Benchmarks",
    "import": "Imports",
    "report": "Reports",
}
TABLES = """
## Tables of papers

Each takes `rows` (our subjects by the paper's rows) and `layout`, which `judgebench leaderboard` sets by `--row` and
`--format`.
"""


def components_page(kind: str) -> str:
    """The page of one kind of components that ship."""
    found = of_kind(kind)
    papers = [cls for cls in found if issubclass(cls, PaperTable)]
    own = [cls for cls in found if cls not in papers]
    rows = [(f"[`{cls.name}`](#{anchor(cls.name)})", text(cls.summary)) for cls in own]
    parts = [INTRODUCTIONS[kind], table((kind, "what it is"), rows), *map(section, own)]
    if papers:
        parts += [TABLES, options_table(papers[0]), *map(_paper, papers)]
    return page(TITLES[kind], *parts)


def anchor(name: str) -> str:
    """The anchor of a heading that is this name: as GitHub makes it."""
    return "".join(letter for letter in name.lower() if letter.isalnum() or letter in "-_")


def section(cls: type[Component], level: int = 2) -> str:
    """One component: heading, summary, docstrings, facts, presets, options."""
    parts = [f"{'#' * level} {cls.name}", sentence(cls.summary)]
    if cls.status:
        parts.append(f"*{text(cls.status)}*")
    parts += [
        *documented(cls),
        "\n".join(f"- {fact}" for fact in facts(cls)),
        _presets(cls),
        options_table(cls),
        _files(cls),
    ]
    return "\n\n".join(filter(None, parts))


def documented(cls: type[Component]) -> list[str]:
    """Its docstring; of a measure then those of its bases that declare options: they say what these mean."""
    if cls.kind != "measure":
        return [prose(cls.__doc__)]
    kinds = {*KINDS.values(), Component}
    with_options = [
        base
        for base in cls.__mro__[1:]
        if base not in kinds and not base.__module__.startswith(SHARED) and _declares(base)
    ]
    return [prose(one.__doc__) for one in (cls, *with_options) if one.__doc__]


def _declares(base: type) -> bool:
    if not dataclasses.is_dataclass(base) or base.__name__.startswith("_"):
        return False
    return any(field.name in inspect.get_annotations(base) for field in dataclasses.fields(base))


def facts(cls: type[Component]) -> Iterator[str]:
    """What its class variables say, for the kinds that have such."""
    for name, label, show in _FACTS.get(cls.kind, ()):
        if value := getattr(cls, name):
            yield f"{label}: {show(value)}"
    if cls.kind in ("judge", "policy") and (needs := _needs(cls)):
        yield f"its models must answer: {needs}"


def _needs(cls: Any) -> str:
    """What its models must be able to do; where that depends on its options, that it does."""
    try:
        wanted = cls.needs(None)
    except AttributeError:  # it looks at an option
        return "what its options say"
    return ", ".join(f"[`{one.__name__}`](kinds.md#requests)" for one in wanted)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _words(values: Sequence[str]) -> str:
    return ", ".join(map(mono, values))


def _range(bounds: tuple[int, int]) -> str:
    low, high = bounds
    return str(low) if low == high else f"{low} or more" if high >= 1000 else f"{low} to {high}"


_FACTS: dict[str, tuple[tuple[str, str, Any], ...]] = {
    "backend": (
        (
            "can",
            "can",
            lambda can: ", ".join(f"[`{name}`](kinds.md#requests)" for name in sorted(c.__name__ for c in can)),
        ),
        ("guides", "holds answers to a JSON schema", _yes),
    ),
    "judge": (("responses", "responses", _range),),
    "benchmark": (
        ("order", "order", mono),
        ("by_turn", "every turn is judged on its own", _yes),
        (
            "convention",
            "convention of ties and missing verdicts",
            lambda name: f"[{mono(name)}](measures.md#conventions)",
        ),
        ("measures", "measures", _words),
    ),
    "import": (
        ("benchmark", "is about", mono),
        ("own_items", "takes the benchmark's own items unless told otherwise", _yes),
    ),
    "report": (("suffix", "suffix", mono),),
}


def _files(cls: type[Component]) -> str:
    """What a benchmark reads from the hub under its own options, where it needs none."""
    required = [one for one in dataclasses.fields(cls) if one.default is one.default_factory is dataclasses.MISSING]  # type: ignore[arg-type]
    if not issubclass(cls, Benchmark) or required:
        return ""
    rows = [(mono(one.path), one.licence or "?", text(one.note)) for one in cls().data_files()]
    return table(("file of the hub", "licence", "what it holds"), rows)


def _presets(cls: type[Component]) -> str:
    rows = [
        (mono(f"preset={name}"), ", ".join(mono(f"{option}={value!r}") for option, value in values.items()))
        for name, values in cls.presets.items()
    ]
    return table(("preset", "sets"), rows)


def _paper(cls: type[Component]) -> str:
    return f"### {cls.name}\n\n{sentence(cls.summary)}"
