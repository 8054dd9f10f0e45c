"""Benchmarks and measures by their specs, NAME[:VALUE][,key=value]: components that ask no model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.core.item import Item
from judgebench.discovery.registry import Registry
from judgebench.engine.spec import Entry, Words, split, words_of
from judgebench.plugin.benchmark import Benchmark, DerivedBenchmark
from judgebench.plugin.component import Component
from judgebench.plugin.measure import Measure, Mode
from judgebench.plugin.options import build, nearest


def resolve_benchmark(entry: Entry, registry: Registry, data_dir: str | None = None) -> Benchmark:
    """Build a benchmark, with a mirror of the hub where one is given and it reads from the hub."""
    words = words_of(entry, "benchmark", "benchmark")
    where = f"benchmark '{words.head}'"
    cls = registry.get(Benchmark, words.head)
    derived = issubclass(cls, DerivedBenchmark)  # then it is the other one that may read from the hub
    if data_dir is not None and "data_dir" not in words.options and not derived:
        if "data_dir" not in {field.name for field in fields(cls)}:  # type: ignore[arg-type]
            raise ConfigError(f"{where} reads nothing from the hub", "leave --data-dir out")
        words = msgspec.structs.replace(words, options={**words.options, "data_dir": data_dir})
    if words.model is not None:
        raise ConfigError(f"{where}: '{entry}' cannot be read", "the form is NAME[:VALUE][,key=value]")
    return build(cls, option_values(cls, words, where), where, strict=not isinstance(entry, str))


def own_benchmark(benchmark: Benchmark, registry: Registry, data_dir: str | None) -> Benchmark:
    """The benchmark that brings the data: the one that a derived one is made of, else itself."""
    if not isinstance(benchmark, DerivedBenchmark):
        return benchmark
    other = resolve_benchmark(benchmark.source, registry, data_dir)
    if isinstance(other, DerivedBenchmark):
        raise ConfigError(f"benchmark '{benchmark.name}' cannot be made of '{other.name}'", "name one with items")
    return other


def items_of(benchmark: Benchmark, source: Benchmark) -> Sequence[Item]:
    """The items of a benchmark, given the one that brings the data."""
    return benchmark.derive(source.items()) if isinstance(benchmark, DerivedBenchmark) else source.items()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A measure, and the part of the benchmark that it is taken of: `subset` None is all of it, EACH every one."""

    measure: Measure
    subset: str | None = None


EACH = "*"


def build_measure(text: str, registry: Registry, mode: Mode, convention: str = "standard") -> Chosen:
    """The measure that a spec names, NAME[/SUBSET][:VALUE][,key=value].

    In the mode and by the convention where it has such an option and the spec does not say which.
    """
    words = split(text)
    name, slash, subset = words.head.partition("/")
    where = f"measure '{name}'"
    if words.model is not None or words.name is not None or bool(slash) != bool(subset):
        raise ConfigError(f"{where}: '{text}' cannot be read", "the form is NAME[/SUBSET][:VALUE][,key=value]")
    cls = registry.get(Measure, name)
    given: dict[str, Any] = option_values(cls, words, where)
    declared = {field.name for field in fields(cls)}  # type: ignore[arg-type]
    board: dict[str, Any] = {"mode": mode, "convention": convention}
    given = {**{key: value for key, value in board.items() if key in declared}, **given}
    return Chosen(build(cls, given, where, strict=False), subset or None)


def preset_of(cls: type[Component], words: Words, where: str) -> tuple[Words, Mapping[str, Any]]:
    """The words without `preset=NAME`, and the options that it stands for, those left out that the words give."""
    if "preset" not in words.options:
        return words, {}
    chosen = words.options["preset"]
    if chosen not in cls.presets:
        known = nearest(str(chosen), cls.presets) if cls.presets else f"'{words.head}' has none"
        raise ConfigError(f"{where}: there is no preset '{chosen}'", known)
    options = {key: value for key, value in words.options.items() if key != "preset"}
    values = {key: value for key, value in cls.presets[chosen].items() if key not in options}
    return msgspec.structs.replace(words, options=options), values


def option_values(cls: type[Component], words: Words, where: str) -> dict[str, Any]:
    """The options, the VALUE of a text under the name of the first."""
    if words.value is None:
        return words.options
    declared = fields(cls)  # type: ignore[arg-type]
    if not declared:
        raise ConfigError(f"{where}: {cls.kind} '{words.head}' takes no value", f"write '{words.head}' alone")
    if declared[0].name in words.options:
        raise ConfigError(f"{where}: '{declared[0].name}' is given twice", f"write '{words.head}:VALUE' alone")
    return {declared[0].name: words.value, **words.options}
