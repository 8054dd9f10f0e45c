"""The manifest of a run folder: what the record's keys stand for, and with which software it was made."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from judgebench.core.errors import RecordError
from judgebench.store.atomic import publish
from judgebench.store.digest import sha256
from judgebench.store.readable import encode

FILE = "manifest.json"


class Subject(msgspec.Struct, frozen=True):
    """A policy or a judge: its key in the record, its name on boards, and all that can change its results."""

    kind: str
    name: str
    identity: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Name and digest: another identity under the same name is another subject."""
        return f"{self.name}#{sha256([self.kind, self.identity])[:12]}"


class Planned(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was planned of a judge on one policy (None: on the items' ready responses).

    The items of a selection (its name in the manifest), in both orders or one seeded order,
    `repeats` times. `recorded` is what was imported: the trials that the record holds, no more.
    The policy is compared with the items' baseline, or with the policy `opponent`; `mutual`: the
    opponent is measured too; `alone`: it is compared with nothing, and scored by itself. `by_turn`: every turn is
    judged on its own, after those before it.
    """

    judge: str
    policy: str | None
    order: Literal["both", "seeded", "recorded"]
    repeats: int
    selection: str
    opponent: str | None = None
    mutual: bool = False
    alone: bool = False
    by_turn: bool = False


class Manifest(msgspec.Struct, frozen=True):
    """What a run folder is about: a benchmark, its subjects, and what was planned of them.

    `selections` holds lists of item ids under the digests of the lists.

    `data` is the sha256 of the benchmark's items, `sources` says of each file that they come from which
    revision and bytes it had, `software` are the versions that took part; they may grow when a later run extends
    the folder. A later analysis knows from `planned` what is missing. `convention` is the benchmark's own, by which its
    measures count ties and missing verdicts. `series` are the subjects (their keys) that one pattern stood for, by its
    name: checkpoints of one training.
    Nothing in it is a time or a secret.
    """

    benchmark: str
    options: Mapping[str, Any]
    data: tuple[str, ...]
    measures: tuple[str, ...]
    seed: int
    subjects: tuple[Subject, ...] = ()
    planned: tuple[Planned, ...] = ()
    selections: Mapping[str, tuple[str, ...]] = {}
    software: Mapping[str, tuple[str, ...]] = {}
    sources: Mapping[str, tuple[str, ...]] = {}
    convention: str = "standard"
    series: Mapping[str, tuple[str, ...]] = {}
    schema: Literal[1] = 1

    def extended(self, other: "Manifest") -> "Manifest":
        """This manifest with the other's subjects and software; RecordError when they are not one run."""
        for what in ("benchmark", "options", "seed"):
            mine, theirs = getattr(self, what), getattr(other, what)
            if sha256(mine) != sha256(theirs):  # as JSON: a tuple that was saved is a list
                raise RecordError(
                    f"the run folder was made with {what} {mine}, not {theirs}",
                    "use another folder with --out, or the same settings to continue",
                )
        subjects = {subject.key: subject for subject in (*self.subjects, *other.subjects)}
        return msgspec.structs.replace(
            self,
            subjects=tuple(subjects.values()),
            planned=tuple(dict.fromkeys((*self.planned, *other.planned))),
            software=_merged(self.software, other.software),
            sources=_merged(self.sources, other.sources),
            selections={**self.selections, **other.selections},
            data=tuple(sorted({*self.data, *other.data})),
            measures=tuple(dict.fromkeys((*self.measures, *other.measures))),
            series=_merged(self.series, other.series),
        )


def _merged(mine: Mapping[str, tuple[str, ...]], theirs: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted({*mine.get(name, ()), *theirs.get(name, ())})) for name in sorted({*mine, *theirs})}


def selection_name(ids: Iterable[str]) -> str:
    """The name of a selection of items: the same items in another order are the same selection."""
    return sha256(sorted(ids))[:12]


def load(folder: Path) -> Manifest | None:
    """The manifest of a run folder, None where there is none yet. RecordError when it cannot be read."""
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path} cannot be read: {error}", "restore it from a copy") from None


def save(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, whole or not at all."""
    publish(folder / FILE, msgspec.json.format(encode(manifest), indent=2).decode() + "\n")
