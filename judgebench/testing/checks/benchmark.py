"""What every benchmark brings: items that can be judged and measured."""

import builtins
import io
import math
import os
import re
import socket
import tempfile
import typing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from judgebench.core.errors import ConfigError, DataError
from judgebench.core.item import Item
from judgebench.engine.named import items_of, own_benchmark
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.hub import DataFile
from judgebench.plugin.measure import Measure
from judgebench.plugin.options import build
from judgebench.testing.check import NotChecked, NotConforming
from judgebench.testing.rule import Rule
from judgebench.testing.subject import Subject, option_names, subclasses

FILES = frozenset({"path", "paths", "file", "files", "folder", "data_dir"})
"""What an option is called that names a user's file or folder."""


def brings_the_same_items(subject: Subject[Benchmark]) -> None:
    """`items` is the same twice, and not empty."""
    first, again = _items(subject), _items(subject)
    if not first:
        raise NotConforming("it has no item", "one or more, or a DataError")
    if not all(isinstance(item, Item) for item in first):
        raise NotConforming("what items() returns are not Items", "a sequence of Items")
    if list(first) != list(again):
        raise NotConforming("items() brings others the second time", "the same items in the same order")


def tells_items_apart(subject: Subject[Benchmark]) -> None:
    """Ids are unique, and each item asks something."""
    items = _items(subject)
    (name, count), *_ = Counter(item.id for item in items).most_common(1) or [("", 1)]
    if count > 1 or not all(isinstance(item.id, str) and item.id for item in items):
        raise NotConforming(f"{count} items have the id '{name}'", "an id of its own for each item")
    for item in items:
        if not item.turns or not all(isinstance(turn, str) for turn in item.turns):
            raise NotConforming(f"item '{item.id}' has the turns {item.turns!r}", "one text or more")
        for response in (*item.responses, *((item.baseline,) if item.baseline else ())):
            if response.turns and len(response.turns) != len(item.turns):
                seen = f"item '{item.id}' has {len(item.turns)} turns, a response to it {len(response.turns)}"
                raise NotConforming(seen, "one text for each turn")


def agrees_in_numbers(subject: Subject[Benchmark]) -> None:
    """Gold labels, ratings and votes are about the ready responses, one number for each; probabilities sum to 1."""
    for item in _items(subject):
        ready = len(item.responses)
        if item.ratings and (len(item.ratings) != ready or not all(map(math.isfinite, item.ratings))):
            raise NotConforming(f"item '{item.id}': {ready} responses, ratings {item.ratings}", "a number for each")
        if item.votes and ready != 2:
            raise NotConforming(f"item '{item.id}': people voted on {ready} responses", "votes on two")
        for preference in (item.gold, *(vote.preference for vote in item.votes)):
            if preference is None:
                continue
            probs = preference.probs
            if len(probs) != ready or min(probs) < 0 or abs(sum(probs) - 1) > 1e-9:
                seen = f"item '{item.id}': {ready} responses, of which {probs} are better"
                raise NotConforming(seen, "a probability for each, which sum to 1")
        if not all(math.isfinite(value) for value in item.features.values()):
            raise NotConforming(f"item '{item.id}' has the features {dict(item.features)}", "finite numbers")


def keeps_clusters_in_strata(subject: Subject[Benchmark]) -> None:
    """A cluster lies in one stratum."""
    found: dict[str, str] = {}
    for item in _items(subject):
        cluster = item.cluster or item.id
        if found.setdefault(cluster, item.stratum) != item.stratum:
            seen = f"cluster '{cluster}' lies in '{found[cluster]}' and in '{item.stratum}'"
            raise NotConforming(seen, "one stratum for all items of a cluster")


def names_measures(subject: Subject[Benchmark]) -> None:
    """The measures that it names are there."""
    from judgebench.app import registry

    known = {*registry().names(Measure), *(cls.name for cls in subclasses(Measure) if hasattr(cls, "name"))}
    for spec in subject.built.measures:
        name = re.split(r"[/:,@=]", spec, maxsplit=1)[0]
        if name not in known:
            raise NotConforming(f"it names the measure '{spec}', which there is not", "measures that ship, or your own")


def lists_files_without_opening_them(subject: Subject[Benchmark]) -> None:
    """`data_files` names the hub's files and opens neither a file nor a connection."""
    benchmark = subject.built
    with _watched() as opened:
        files = list(benchmark.data_files())
    if opened:
        raise NotConforming(f"data_files() opens {opened[0]}", "it names files and opens none")
    if not all(isinstance(file, DataFile) for file in files):
        raise NotConforming(f"data_files() returned {files!r}", "DataFiles")
    if files and not option_names(type(benchmark)) >= {"data_dir", "revision"}:
        raise NotConforming("it reads from the hub without `data_dir` and `revision`", "options of these names")


def says_that_a_file_is_missing(subject: Subject[Benchmark]) -> None:
    """Where a file of the user's is not there, `items` raises a DataError or ConfigError that names it."""
    for name in _file_options(subject.cls):
        with tempfile.TemporaryDirectory() as folder:
            missing = os.path.join(folder, "not-there.jsonl")
            options = subject.options if subject.component is not None else {}
            try:
                value = missing if _takes_text(subject.cls, name) else [missing]
                _brought(build(subject.cls, {**options, name: value}, subject.cls.name))
            except (DataError, ConfigError) as error:
                if "not-there" not in f"{error.message} {error.hint}":
                    raise NotConforming(f"the error is: {error.message}", "one that names the file") from None
                continue
            except Exception as error:
                raise NotConforming(f"{type(error).__name__}: {error}", "a DataError that names the file") from error
        raise NotConforming(f"{name}={missing}, which is not there, is no error", "a DataError that names it")


def _takes_text(cls: type[Any], name: str) -> bool:
    hint = typing.get_type_hints(cls)[name]
    return str in (hint, *typing.get_args(hint)) and typing.get_origin(hint) not in (tuple, list)


def _file_options(cls: type[Any]) -> list[str]:
    return sorted(option_names(cls) & FILES)


def _items(subject: Subject[Benchmark]) -> Sequence[Item]:
    """NotChecked where its data cannot be had here."""
    try:
        return _brought(subject.built)
    except (DataError, ConfigError) as error:
        raise NotChecked(f"its data cannot be had here: {error.message}") from None


def _brought(benchmark: Benchmark) -> Sequence[Item]:
    """The items; of one that is made of another, given those."""
    from judgebench.app import registry

    source = own_benchmark(benchmark, registry(), None) if hasattr(benchmark, "source") else benchmark
    return items_of(benchmark, source)


@contextmanager
def _watched() -> Iterator[list[str]]:
    """What is opened by Python's own means while it lasts."""
    opened: list[str] = []

    def noting(real: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **kwargs: Any) -> Any:
            opened.append(repr(args[-1] if isinstance(args[0], socket.socket) else args[0]))
            return real(*args, **kwargs)

        return noted

    with ExitStack() as stack:
        places: list[tuple[Any, str]] = [(builtins, "open"), (io, "open"), (os, "open"), (socket.socket, "connect")]
        for where, name in places:
            stack.enter_context(mock.patch.object(where, name, noting(getattr(where, name))))
        yield opened


RULES = (
    Rule("brings the same items twice", brings_the_same_items),
    Rule("tells its items apart", tells_items_apart),
    Rule("brings gold, ratings and votes that fit its responses", agrees_in_numbers),
    Rule("keeps each cluster in one stratum", keeps_clusters_in_strata),
    Rule("names measures that there are", names_measures),
    Rule("lists its files without opening them", lists_files_without_opening_them),
    Rule("says that a file is missing", says_that_a_file_is_missing, lambda cls: bool(_file_options(cls))),
)
