"""The card of a dataset: what `datasets` needs to read the folder, and what a person needs to trust it."""

from collections.abc import Mapping, Sequence

from judgebench_loops.writing.rows import PairRow, PromptRow, Row, SftRow, SoftPairRow, whole

_HEAD = """\
---
configs:
- config_name: rows-{digest}
  data_files:
  - split: train
    path: train.parquet
---
"""
"""Names one of the two files: else each row would be read twice. The name is that of these rows: `datasets` keeps what
it read under it, and would give the rows of another folder, or older ones, for equal names."""

_KINDS: Mapping[type[Row], str] = {
    SftRow: "a prompt and the text to learn (TRL's prompt-completion format)",
    PairRow: "a prompt, a better and a worse response (TRL's preference format)",
    SoftPairRow: "a prompt, two responses and how likely the first is the better one (TRL's preference format, and a "
    "probability)",
    PromptRow: "a prompt (TRL's prompt-only format)",
}
_COLUMNS: Mapping[str, tuple[str, str]] = {
    "id": ("text", "the row's name, which no other row has"),
    "prompt": ("list of {role, content}", "the conversation up to the response"),
    "completion": ("list of {role, content}", "the text to learn, as one message of the assistant"),
    "chosen": ("list of {role, content}", "the better response, as one message of the assistant"),
    "rejected": ("list of {role, content}", "the worse response, as one message of the assistant"),
    "probability": ("number", "how likely `chosen` is the better one, 0 to 1"),
    "lineage": ("text", "where the row came from: JSON"),
}


def card(
    kind: type[Row],
    rows: int,
    columns: Sequence[str],
    digest: str,
    *,
    title: str,
    facts: Mapping[str, str],
    dropped: Mapping[str, int],
) -> str:
    """The card as Markdown below a YAML head; the same arguments give the same bytes."""
    found = [
        _HEAD.format(digest=digest[:16]),
        f"# {_line(title)}\n",
        f"{rows:,} row{'' if rows == 1 else 's'} to train on, each {_KINDS[kind]}. `train.parquet` and `train.jsonl`"
        " hold the same rows; `datasets.load_dataset` of this folder reads the first, whose columns have the types"
        " below. (Readers of JSON guess types, and take a text such as 2024-01-31 for a date.)\n",
        f"sha256 of `train.jsonl`: `{digest}`\n",
        "## What was dropped\n",
        _table(("reason", "how many"), [(reason, f"{count:,}") for reason, count in dropped.items()])
        if dropped
        else "Nothing.\n",
        "## Columns\n",
        _table(("column", "type", "what it holds"), [(f"`{name}`", *_COLUMNS[name]) for name in columns]),
    ]
    if facts:
        found += ["## Made from\n", _table(("what", "value"), list(facts.items()))]
    return whole("\n".join(found))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(_line(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _line(text: str) -> str:
    return " ".join(text.split())
