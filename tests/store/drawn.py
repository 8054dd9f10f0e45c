"""Strategies for the lines of a record, and programs for other processes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import strategies as st

from judgebench.core.errors import RecordError
from judgebench.core.item import Item, Miss, Preference, Response, Sample, Score
from judgebench.core.request import Completion, Message, Usage
from judgebench.store.cache import Cache
from judgebench.store.lines import AnswerLine, ItemLine, Line, VerdictLine
from judgebench.store.record import Content

NASTY = ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0", '"', "\\", "😀"]
texts = st.text(max_size=12) | st.lists(st.sampled_from([*NASTY, ',"crc":"00000000"}', '{"line":"']), max_size=4).map(
    "".join
)
broken_texts = st.text(st.sampled_from("a\n😀\ud800\ud83d\udbff\udc00\ude00\udfff"), max_size=8)
"""Mostly with halves of surrogate pairs, alone, in pairs and the wrong way round."""
names = st.sampled_from(["a", "b#0123456789ab", "ç\u2028"])
finite = st.floats(allow_nan=False, allow_infinity=False)
every_float = st.floats()
counts = st.integers(0, 2**31)
finishes = st.sampled_from(["stop", "length", "content_filter", None])


def tuples(of: st.SearchStrategy[Any], largest: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=largest).map(tuple)


def completions(
    numbers: st.SearchStrategy[float] = finite, words: st.SearchStrategy[str] = texts
) -> st.SearchStrategy[Completion]:
    return st.builds(
        Completion,
        words,
        finishes,
        st.builds(Usage, counts, counts),
        tuples(st.tuples(words, numbers)),
        st.none() | numbers,
    )


samples = tuples(st.builds(Sample, texts, completions()), 2)
responses = st.builds(Response, tuples(texts), texts, tuples(finishes), st.dictionaries(texts, finite, max_size=2))
preferences = st.builds(Preference, tuples(finite), st.none() | texts)
misses = st.builds(Miss, st.sampled_from(["answer", "ask", "read"]), texts)
items = st.builds(
    Item,
    id=texts,
    turns=tuples(texts),
    context=tuples(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), texts)),
    reference=tuples(texts),
    responses=tuples(responses, 2),
    gold=st.none() | preferences,
    baseline=st.none() | responses,
    cluster=texts,
    stratum=texts,
)
item_lines = st.builds(ItemLine, items)
answer_lines = st.builds(AnswerLine, names, names, st.none() | responses, samples, st.none() | misses)
verdict_lines = st.builds(
    VerdictLine,
    judge=names,
    item=names,
    slots=st.just(("x", "y")),
    order=st.sampled_from([(0, 1), (1, 0)]),
    repeat=st.integers(0, 1),
    samples=samples,
    preference=st.none() | preferences,
    score=st.none() | st.builds(Score, tuples(finite)),
    miss=st.none() | misses,
)
lines: st.SearchStrategy[Line] = st.one_of(item_lines, answer_lines, verdict_lines)


def verdict(item: str, text: str = "[[A]]", repeat: int = 0) -> VerdictLine:
    """A verdict as a run writes it."""
    sample = Sample("m", Completion(text, "stop", Usage(3, 4)))
    return VerdictLine("judge", item, ("x", "y"), (0, 1), repeat, (sample,), Preference((0.75, 0.25)))


def content(lines: list[Any]) -> Content:
    """What a record of these lines says."""
    held = Content()
    for line in lines:
        held.add(line)
    return held


def two_lines(caught: pytest.ExceptionInfo[RecordError]) -> bool:
    """Whether an error is fit to be shown: one line of message, one of hint."""
    error = caught.value
    return bool(error.message and error.hint) and "\n" not in error.message + error.hint


@contextmanager
def program(*command: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """Another Python process and what it prints; it is killed at the end of the context at the latest."""
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.kill()


def last(said: list[str]) -> int:
    """The number that a killed program said last, a torn line left aside."""
    return int([line for line in said if line.endswith("\n")][-1])


def append_for_ever(folder: str) -> None:
    """Append verdicts to a record, saying how many are in, until killed."""
    from judgebench.store.record import Record

    with Record(Path(folder)) as record:
        for number in range(len(record.content.verdicts), 10**9):
            record.append([verdict(str(number), "x" * 3000)])
            print(number + 1, flush=True)


def put_for_ever(path: str) -> None:
    """Put completions into a cache, saying how many are in, until killed."""
    from judgebench.store.cache import Cache

    cache = Cache(Path(path))
    for number in range(10**9):
        cache.put([(Cache.key(number, part), Completion(f"{number}" * 500)) for part in range(3)])
        print(number + 1, flush=True)


def share(path: str, me: int, keys: int, start: Any, results: Any) -> None:
    """Put one's own completion under keys that others put too, in batches, and report what is found under them."""
    from judgebench.store.cache import Cache

    start.wait()
    cache = Cache(Path(path))
    seen: dict[int, set[str]] = {number: set() for number in range(keys)}
    for batch in range(0, keys, 8):
        numbers = range(batch, min(batch + 8, keys))
        cache.put([(Cache.key(number), Completion(f"{me} " * 2000)) for number in numbers])
        for number in (*numbers, *range(0, keys, 16)):
            if (found := cache.get(Cache.key(number))) is not None:
                seen[number].add(found.text)
    cache.close()
    results.put(seen)


if __name__ == "__main__":
    {"record": append_for_ever, "cache": put_for_ever}[sys.argv[1]](sys.argv[2])


def usable(path: Path) -> bool:
    """Can a cache be opened there, written and read."""
    cache = Cache(path)
    cache.put([(b"new", Completion("new"))])
    found = cache.get(b"new")
    cache.close()
    return found == Completion("new")
