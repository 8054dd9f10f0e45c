"""The page of a run folder: the lines of record.jsonl, and manifest.json."""

from collections.abc import Mapping

from docs.generator.fields import fields_table
from docs.generator.markdown import page, prose
from judgebench.core.item import Item, Miss, Preference, Response, Sample, Score, Vote
from judgebench.core.request import Completion, Message, Usage
from judgebench.store.lines import AnswerLine, ItemLine, ReferenceLine, VerdictLine
from judgebench.store.manifest import Manifest, Planned, Subject

INTRODUCTION = """
A run folder holds `record.jsonl`, `manifest.json`, the board (`board.json`, `board.md`), and `completions.sqlite`, a
cache that may be deleted. Every number is recomputed from the record without a model.

## record.jsonl

One JSON object a line, only ever appended. Its first member is `line`, which says what it is: `item`, `reference`,
`answer` or `verdict`. Its last is `crc`, the CRC-32 of all bytes before it, as eight hexadecimal digits. A last line
without a newline was torn by a kill, and is left aside. Members with their default may be left out. A number that is
not finite stands as a string (`"nan"`). Of two lines about one thing a final one wins (a response, a verdict, or a text
without one), then the one with the smaller bytes: the order of lines does not matter. From Python `judgebench.collect`
returns what was said in a run that it carries out; of one that is done, nobody is asked.
"""
MANIFEST = """
## manifest.json

What the record's keys stand for. Written whole or not at all, and extended by later runs into the same folder.
"""
KNOWN: Mapping[type, str] = {
    cls: cls.__name__.lower()
    for cls in (Item, Response, Preference, Score, Vote, Miss, Sample, Completion, Message, Usage, Subject, Planned)
}
LINES: Mapping[str, type] = {"item": ItemLine, "reference": ReferenceLine, "answer": AnswerLine, "verdict": VerdictLine}
MEANINGS: Mapping[type, Mapping[str, str]] = {
    ItemLine: {"item": "the item, written once before anything is asked about it"},
    ReferenceLine: {"name": "what the numbers are", "values": "numbers that belong to the benchmark beside its items"},
    AnswerLine: {
        "policy": "the policy's key: its name and the digest of its identity",
        "item": "the item's id",
        "response": "what it answered; null beside a miss",
        "samples": "the completions that the response is made of",
        "miss": "why there is no response",
    },
    VerdictLine: {
        "judge": "the judge's key",
        "item": "the item's id",
        "slots": "the authors in slot order: the policy's key and its opponent's, or those of ready responses",
        "order": "the slots in the order in which they were shown",
        "repeat": "number of the repeat, from 0",
        "samples": "the completions that the verdict was read from",
        "preference": "the verdict, in shown order",
        "score": "the verdict of a judge that scores, in shown order",
        "miss": "why there is no verdict",
        "turn": "it is about the first so many turns; 0: the whole conversation",
        "parts": "what each of several votes or jurors said, in shown order; null where a response got none",
    },
    Item: {
        "id": "unique within the benchmark",
        "turns": "the user's turns",
        "context": "what stands before them: a system prompt, earlier turns",
        "reference": "a reference answer a turn",
        "responses": "ready responses, in slot order",
        "gold": "which of them is better, by the gold label",
        "baseline": "what a policy is compared with",
        "cluster": "what is resampled together; empty: the item itself",
        "stratum": "what is resampled within",
        "features": "numbers about it, such as its difficulty",
        "ratings": "gold numbers of the ready responses, higher is better",
        "votes": "what people said of the ready responses",
        "subsets": "parts of the benchmark that it belongs to",
    },
    Response: {
        "turns": "a text a turn; none where only verdicts were imported",
        "author": "who wrote it",
        "finish": "why each turn ended: `stop`, `length`, `content_filter`, or null: not known",
        "features": "numbers about it, such as `length` in characters where there is no text",
    },
    Preference: {
        "probs": "P(this one is better) of each response; they sum to 1, and a tie is equal ones",
        "label": "what the judge said, where it says more, such as `A>>B`",
    },
    Score: {"values": "points, logits or ratings of each response, higher is better"},
    Vote: {
        "voter": "a group's name, or begins with it and an underscore",
        "preference": "what was said, in slot order",
    },
    Miss: {
        "stage": "the policy gave no answer; the judge's call failed; or its text holds no verdict. The first two are "
        "asked again by the next run",
        "reason": "in words",
    },
    Sample: {
        "model": "the model's name",
        "completion": "what it said, as it came",
        "part": "the vote or juror that it belongs to, from 0",
    },
    Completion: {
        "text": "the text",
        "finish": "why it ended",
        "usage": "tokens read and written",
        "logprobs": "pairs of a token and its natural log-probability, the most probable first",
        "score": "log-probability of a sequence, or a reward",
        "guided": "it was held to a JSON schema while it was written",
        "seconds": "how long it took",
    },
    Message: {"role": "who speaks", "content": "the text"},
    Usage: {"input_tokens": "read", "output_tokens": "written"},
    Manifest: {
        "benchmark": "its name",
        "options": "its options",
        "data": "sha256 of its items, one for each sample that a run took",
        "measures": "specs of the run's own measures",
        "seed": "of samples, orders and intervals",
        "subjects": "policies and judges",
        "planned": "what was planned of each judge",
        "selections": "lists of item ids by name: what was planned on which items",
        "software": "by distribution: versions that took part",
        "sources": "by file: where it came from, revision and sha256",
        "convention": "how the benchmark's measures count ties and missing verdicts",
        "series": "keys of the checkpoints of a training, by the pattern that stood for them",
        "schema": "raised when a field goes or changes its meaning",
    },
    Subject: {
        "kind": "`policy` or `judge`",
        "name": "its name on boards",
        "identity": "all that can change its results; its key is the name, # and the beginning of this one's digest",
    },
    Planned: {
        "judge": "the judge's key",
        "policy": "the policy's key; null: the items' ready responses",
        "order": "both orders, one drawn by seed, or what was imported",
        "repeats": "how often each trial is asked",
        "selection": "on which items: a name in `selections`",
        "opponent": "the policy that it is compared with; null: the items' baseline",
        "mutual": "the opponent is measured too, by the same verdicts",
        "alone": "it is compared with nothing; the judge scores it",
        "by_turn": "every turn is judged on its own",
    },
}


def record_page() -> str:
    """The lines of a record, what stands in them, and the manifest."""
    lines = [
        f"### Line: {word}\n\n{prose(cls.__doc__)}\n\n{fields_table(cls, MEANINGS[cls], KNOWN)}"
        for word, cls in LINES.items()
    ]
    inside = (Item, Response, Preference, Score, Vote, Miss, Sample, Completion, Message, Usage)
    return page(
        "Run folders",
        INTRODUCTION,
        *lines,
        "## What lines hold",
        *map(_named, inside),
        MANIFEST,
        fields_table(Manifest, MEANINGS[Manifest], KNOWN),
        *map(_named, (Subject, Planned)),
    )


def _named(cls: type) -> str:
    return f"### {cls.__name__}\n\n{fields_table(cls, MEANINGS[cls], KNOWN)}"
