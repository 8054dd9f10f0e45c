"""The page of board.json, and its JSON Schema."""

from collections.abc import Mapping
from typing import Any

import msgspec

from docs.generator.fields import fields_table
from docs.generator.markdown import mono, page, table, text
from judgebench.components.reports.json import DIGITS, SCHEMA
from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard, Series
from judgebench.engine.decision import Decision

SCHEMA_FILE = "board.schema.json"
KNOWN: Mapping[type, str] = {Estimate: "estimate", Comparison: "comparison", Series: "series"}
INTRODUCTION = f"""
`board.json` lies in every run folder and in every folder of `judgebench leaderboard --out`. It is what `--format json`
prints. Rates are in percent; numbers have {DIGITS} significant digits; a number that is not there is null. Nothing in
it is a time or a secret. `schema` is {SCHEMA}, and is raised when a field goes or changes its meaning; new fields may
come without that. As a JSON Schema: [{SCHEMA_FILE}]({SCHEMA_FILE}).
"""
MEANINGS: Mapping[type, Mapping[str, str]] = {
    Leaderboard: {
        "title": "the board's title; by default its benchmarks",
        "benchmark": "the benchmarks' names, with commas between them",
        "mode": "`corrected`: the right estimators; `official`: what the official code computes, quirks included",
        "estimates": "every number, measure by measure (and judge by judge), the best first where one end is better",
        "comparisons": "pairs of subjects of one measure (under one judge)",
        "provenance": "where the numbers come from: see below",
        "series": "checkpoints of trainings; left out where there are none",
    },
    Estimate: {
        "benchmark": "the benchmark that it is of",
        "subject": "the policy or judge that it is about",
        "judge": "who judged, where the subject is a policy under a judge; else null",
        "measure": "the measure's spec, as `win-rate` or `arena-score/coding,ties=drop`",
        "value": "the estimate, in the measure's unit",
        "low": "lower end of its interval; null where there is none",
        "high": "upper end of its interval; null where there is none",
        "confidence": "of the interval: 0.95 by default",
        "n": "units that entered: items, pairs, games, votes or scores, as the measure says",
        "missing": "units that were planned and have no verdict (or answer)",
        "method": "how the interval is made; with `at least` the value is a bound, and nothing is known above it, with "
        "`at most` below it",
        "standard_error": "of the value by that method, in its unit; in official mode the one that the official code "
        "prints, where it has one",
        "rank_low": "the best rank that the comparisons of all pairs leave open; null where neither more nor less is "
        "better",
        "rank_high": "the worst such rank",
        "details": "further numbers of the fit by name, such as the p-value `p`; what each is says the measure",
    },
    Comparison: {
        "benchmark": "the benchmark that it is of",
        "judge": "who judged both, or null",
        "measure": "the measure's spec",
        "a": "the one subject",
        "b": "the other",
        "difference": "value of `a` less value of `b`, on the same resamples, in the measure's unit (or points)",
        "low": "lower end of the difference's interval",
        "high": "upper end of the difference's interval",
        "confidence": "of the interval",
        "standard_error": "of the difference",
        "clusters": "clusters of items in which both enter",
        "test": "the test of no difference",
        "p": "its two-sided p-value",
        "p_adjusted": "that, adjusted by step-down max-T over the family",
        "family": "pairs of all subjects of the measure (under one judge)",
    },
    Series: {
        "name": "the pattern or name of the training",
        "kind": "what its subjects are",
        "subjects": "its checkpoints by name, in the order of their steps",
    },
    Decision: {
        "comparison": "the two subjects, their difference and its test",
        "values": "the values of a and b",
        "unit": "theirs, and the margin's",
        "better": "`higher`, `lower`, or null where neither end is",
        "outcome": "what is said of a against b; `equivalent` needs a margin, `different` is for measures without a "
        "better end",
        "p_used": "the p-value that decides: of the test where two subjects were named, else adjusted over all pairs, "
        "and by Benjamini and Hochberg's method over several benchmarks",
        "margin": "the smallest difference that matters, where one was given",
        "p_equivalence": "of two one-sided tests against the margin (Holm's adjustment over the pairs shown)",
        "deciding": "the number of items with which an undecided difference, if it stays as it is, would be decided "
        "with a power of 80 %; null also where it is infinite",
        "apart": "items that enter one of the two alone",
        "doubts": "of each judge behind it that follows places more than responses: by what counts",
    },
}
PROVENANCE = {
    "benchmark": "its name",
    "options": "its options",
    "items": "how many items the record holds",
    "seed": "seed of the resamples",
    "interval": "`bca` or `percentile`",
    "replicates": "how many resamples",
    "measures": "by spec: `unit`, and `better`: `higher`, `lower` or null",
    "software": "by distribution: the versions that took part",
    "sources": "by file: where it came from, revision and sha256",
    "subjects": "by name: all that can change a subject's results (component, options, digests)",
    "evidence": "sha256 of what the record says",
    "notes": "what a reader must know",
}
"""Of each of `provenance.runs`."""


def board_page() -> str:
    """The fields of board.json."""
    rows = [("`schema`", "integer", f"{SCHEMA}")]
    whole = fields_table(Leaderboard, MEANINGS[Leaderboard], KNOWN)
    head, rule, *rest = whole.splitlines()
    first = f"| {' | '.join(rows[0])} |"
    return page(
        "board.json",
        INTRODUCTION,
        "## Board",
        "\n".join([head, rule, first, *rest]),
        *(f"## {cls.__name__}\n\n{fields_table(cls, MEANINGS[cls], KNOWN)}" for cls in (Estimate, Comparison, Series)),
        "## Provenance\n\n`provenance.runs` has one object for each benchmark of the board:",
        table(("field", "what it is"), [(mono(name), text(said)) for name, said in PROVENANCE.items()]),
        "## Decision\n\n`judgebench compare --json` prints an array of these; `judgebench.compare` returns them.",
        fields_table(Decision, MEANINGS[Decision], KNOWN),
    )


def board_schema() -> str:
    """A JSON Schema (2020-12) of board.json."""
    ((_, made),) = [msgspec.json.schema_components([Leaderboard], ref_template="#/$defs/{name}")]
    definitions = {name: _described(name, part) for name, part in sorted(made.items())}
    board = definitions.pop("Leaderboard")
    properties = {"schema": {"const": SCHEMA, "description": "raised when a field goes or changes its meaning"}}
    properties |= board["properties"]
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "board.json of judgebench",
        "type": "object",
        "properties": properties,
        "required": ["schema", *board["required"], "comparisons", "provenance"],
        "$defs": definitions,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def _described(name: str, part: dict[str, Any]) -> dict[str, Any]:
    """A definition with what each field means; a number may be null: JSON has no word for one that is not there."""
    (meanings,) = [said for cls, said in MEANINGS.items() if cls.__name__ == name]
    properties = {
        field: {**_nullable(schema), "description": meanings[field]} for field, schema in part["properties"].items()
    }
    required = list(part["properties"]) if name != "Leaderboard" else part["required"]
    return {"type": "object", "properties": properties, "required": required}


def _nullable(schema: Any) -> Any:
    match schema:
        case {"type": "number"}:
            return {"type": ["number", "null"]}
        case dict():
            return {key: _nullable(value) for key, value in schema.items() if key != "default"}
        case list():
            return [_nullable(one) for one in schema]
    return schema
