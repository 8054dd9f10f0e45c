"""What every import does with files that it cannot read."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from judgebench.core.errors import ConfigError, DataError
from judgebench.core.item import Judged, Miss
from judgebench.plugin.kinds import Import
from judgebench.testing.check import NotChecked, NotConforming
from judgebench.testing.judging import well_formed
from judgebench.testing.rule import Rule
from judgebench.testing.subject import Subject

SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")
GARBAGE = (
    b"\x00\xff\xfe\x80 no data \x9c",
    b"just words\n",
    b'{"nothing": 1}\n',
    b'[{"nothing": 1}]',
    b'{"item": "1", "ju',
    b"one,two,three\n1,2,3\n",
    b'{"prompt": "q", "better": "a", "x": 1}\n',
    b"prompt,better,x,y\nq,a,1,2\n",
)


def refuses_missing_files(subject: Subject[Import]) -> None:
    """A file that is not there is an error that names it."""
    with tempfile.TemporaryDirectory() as folder:
        _refused(subject.built, (Path(folder, f"not-there{suffix}") for suffix in SUFFIXES))


def refuses_empty_files(subject: Subject[Import]) -> None:
    """A file without content is an error that names it."""
    _refused_contents(subject.built, (b"", b"\n"))


def refuses_garbage(subject: Subject[Import]) -> None:
    """A file that holds something else is an error that names it."""
    _refused_contents(subject.built, GARBAGE)


def _refused_contents(reader: Import, contents: Iterable[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:

        def written() -> Iterator[Path]:
            for number, content in enumerate(contents):
                for suffix in SUFFIXES:
                    path = Path(folder, f"file-{number}{suffix}")
                    path.write_bytes(content)
                    yield path

        _refused(reader, written())


def _refused(reader: Import, paths: Iterable[Path]) -> None:
    for path in paths:
        try:
            rows = list(reader.read([path]))
        except (DataError, ConfigError) as error:
            if path.name not in f"{error.message} {error.hint}":
                raise NotConforming(f"the error about {path.name} is: {error.message}", "one that names it") from None
        except Exception as error:
            seen = f"{type(error).__name__}: {error}, of {_shown(path)}"
            raise NotConforming(seen, "a DataError that names the file") from error
        else:
            raise NotConforming(f"{_shown(path)} gives {len(rows)} verdicts", "a DataError that names the file")


def _shown(path: Path) -> str:
    return f"{path.name} with {path.read_bytes()!r}" if path.exists() else f"{path.name}, which is not there"


def gives_verdicts(subject: Subject[Import]) -> None:
    """Files that it can read give verdicts on the responses of their items, or misses with a reason."""
    reader = subject.built
    if not subject.given.paths:
        raise NotChecked("no file that it can read: give paths=[...]")
    for path in map(Path, subject.given.paths):
        rows = list(reader.read([path]))
        if not rows:
            raise NotConforming(f"{path.name} gives no verdict", "one at least")
        for row in rows:
            if not isinstance(row, Judged):
                raise NotConforming(f"{path.name} gives a {type(row).__name__}", "one Judged a verdict")
            if not isinstance(row.verdict, Miss):
                well_formed(row.verdict, 1 if row.alone else len(row.order))
        if rows != list(reader.read([path])):
            raise NotConforming(f"{path.name} gives other verdicts the second time", "the same of the same file")


RULES = (
    Rule("refuses a file that is not there", refuses_missing_files),
    Rule("refuses an empty file", refuses_empty_files),
    Rule("refuses a file of something else", refuses_garbage),
    Rule("gives well-formed verdicts of files that it can read", gives_verdicts),
)
