"""What benchmarks need of the hub: said, and fetched into a mirror."""

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

from judgebench.core.errors import ConfigError, DataError
from judgebench.discovery.registry import Registry
from judgebench.engine.mirror import Fetched, State, held, place, recorded, state
from judgebench.engine.named import own_benchmark, resolve_benchmark
from judgebench.engine.spec import split
from judgebench.plugin import hub
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.hub import DataFile


@dataclass(frozen=True, slots=True)
class Need:
    """What a benchmark needs: files of the hub, or what the user brings (an option and what it is); perhaps neither."""

    benchmark: str
    files: tuple[DataFile, ...] = ()
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One file that a benchmark needs, or that it needs none: in a mirror, its state and what is recorded of it."""

    benchmark: str
    file: DataFile | None = None
    own: str | None = None
    state: State | None = None
    now: Fetched | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file that a mirror has now: what is recorded of it, how it was before, and whether it was fetched."""

    file: DataFile
    now: Fetched
    before: State
    fetched: bool


def needs(specs: Sequence[str], registry: Registry) -> list[Need]:
    """What each benchmark needs, or all of them where none is named. Nothing is opened; ConfigError for a bad spec."""
    return [_need(spec, registry) for spec in specs or registry.names(Benchmark)]


def _need(spec: str, registry: Registry) -> Need:
    words = split(spec)
    if words.value is None and not words.options:
        for field in fields(registry.get(Benchmark, words.head)):  # type: ignore[arg-type]
            if field.default is field.default_factory is MISSING:
                return Need(spec, own=f"{field.name}, {field.metadata.get('help', '')}")
    source = own_benchmark(resolve_benchmark(spec, registry), registry, None)
    if getattr(source, "data_dir", None) is not None:
        raise ConfigError(f"benchmark '{words.head}': 'data_dir' says nothing here", "name the mirror by --data-dir")
    return Need(spec, tuple(source.data_files()))


def rows(needed: Sequence[Need], mirror: Path | None = None) -> list[Row]:
    """A row for each file, and one for each benchmark without any. DataError when the mirror is no folder."""
    if mirror is not None and not mirror.is_dir():
        raise DataError(f"{mirror} is no folder", "name a mirror of the hub by --data-dir or JUDGEBENCH_DATA")
    known = {} if mirror is None else recorded(mirror)
    found: list[Row] = []
    for need in needed:
        for file in need.files:
            now = None if mirror is None else state(mirror, file.path, known)
            found.append(Row(need.benchmark, file, None, now, known.get(file.path)))
        if not need.files:
            found.append(Row(need.benchmark, own=need.own))
    return found


def fetch(needed: Sequence[Need], mirror: Path, revision: str | None = None) -> Iterator[Outcome]:
    """Fetch into a mirror what it lacks, one file after the other; each is recorded as soon as it is whole.

    What is there as it was fetched is left alone, unless another revision is asked for. Where none is, the files of a
    dataset that belong together come from one revision: that of those which are there, else the newest. DataError for
    a file that cannot be had or written; those before it stay.
    """
    files = _files(needed, revision)
    if not files:
        return
    with held(mirror):
        known = recorded(mirror)
        resolved: dict[tuple[str, str | None], str] = {}
        for file in files:
            asked = revision or file.revision
            before, was = state(mirror, file.path, known), known.get(file.path)
            if before == "present" and was is not None and asked in (None, was.revision):
                yield Outcome(file, was, before, fetched=False)
                continue
            at = resolved.get((file.repo, asked), asked)
            if asked is None:
                beside = [known[other.path] for other in files if other.repo == file.repo and other.path in known]
                at = was.revision if was else at or (beside[0].revision if beside else None)
            path, found = hub.fetch(file.repo, file.name, at)
            resolved[file.repo, asked] = found
            if before == "present" and was is not None and was.revision == found:
                yield Outcome(file, was, before, fetched=False)
            else:
                yield Outcome(file, place(mirror, file.path, path, found, known), before, fetched=True)


def _files(needed: Sequence[Need], revision: str | None) -> list[DataFile]:
    """Every file once. ConfigError where two revisions of one are asked for."""
    files: dict[str, DataFile] = {}
    for file in (file for need in needed for file in need.files):
        asked = {file.revision, files.setdefault(file.path, file).revision, revision} - {None}
        if len(asked) > 1:
            both = " and ".join(sorted(map(str, asked)))
            raise ConfigError(f"{file.path} is asked for at two revisions, {both}", "a mirror holds one: name one")
    return list(files.values())


def mixed(outcomes: Sequence[Outcome]) -> list[str]:
    """The datasets whose files are not of one revision, as after an update that was interrupted."""
    found: dict[str, set[str]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.file.repo, set()).add(outcome.now.revision)
    return [repo for repo, revisions in found.items() if len(revisions) > 1]
