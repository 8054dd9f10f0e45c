"""Evidence: what one or more run folders say about one benchmark, joined, with everything that was planned."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from judgebench.core.collector import uncollected
from judgebench.core.errors import DataError, RecordError
from judgebench.core.item import Item, Response
from judgebench.core.near_path import meant
from judgebench.engine.execute import responses
from judgebench.engine.plan import TrialKey, trials
from judgebench.store.digest import sha256
from judgebench.store.manifest import Manifest, Planned, Subject
from judgebench.store.manifest import load as load_manifest
from judgebench.store.record import Content
from judgebench.store.record import read as read_record

HUMANS = Subject("judge", "humans", {"votes": "of the items"})
"""Who gave the votes that items bring: a judge among the others, whose verdicts are those votes."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder that was read."""

    manifest: Manifest
    content: Content


@dataclass(frozen=True, slots=True)
class Evidence:
    """The joined content of runs of one benchmark; every collection is in a canonical order.

    `planned` holds every trial that any of the runs planned, with the plan that it belongs to.
    """

    manifests: tuple[Manifest, ...]
    items: Mapping[str, Item]
    subjects: Mapping[str, Subject]
    planned: tuple[tuple[TrialKey, Planned], ...]
    content: Content

    def named(self, subject: str | None) -> str | None:
        """A subject's own name, which others may share."""
        return None if subject is None else self.subjects[subject].name

    def shown(self, subject: str) -> str:
        """A subject's name on boards: its own, or its key where two subjects share the name."""
        name = self.subjects[subject].name
        shared = sum(other.name == name for other in self.subjects.values()) > 1
        return subject if shared else name

    def keys(self, kind: str) -> list[str]:
        """Keys of all policies or judges, sorted."""
        return sorted(key for key, subject in self.subjects.items() if subject.kind == kind)

    def responses(self, key: TrialKey) -> tuple[Response, ...] | None:
        """The responses of a trial in slot order, None where a policy gave none."""
        return responses(key, frozenset(self.keys("policy")), self.content)

    def of(self, names: Collection[str]) -> "Evidence":
        """The part about the subjects shown under these names: as policies, or as judges. Items all stay."""
        mine = {key for key in self.subjects if self.shown(key) in names}
        planned = tuple((key, plan) for key, plan in self.planned if {plan.policy, plan.opponent, plan.judge} & mine)
        answers = {key: line for key, line in self.content.answers.items() if line.policy in mine}
        policies = {name for _, plan in planned for name in (plan.policy, plan.opponent)} | {key[0] for key in answers}
        used = {key: line for key, line in self.content.answers.items() if line.policy in policies}
        content = Content(self.content.items, self.content.reference, used, self.content.verdicts)
        return replace(self, planned=planned, content=content)

    def digest(self) -> str:
        """sha256 over items, answers and verdicts: the same evidence has the same digest, however it was gathered.

        What an item or a verdict does not have is left out, so that a field that comes later changes no digest.
        """
        answers: list[Any] = [(key, line.response, line.miss) for key, line in sorted(self.content.answers.items())]
        verdicts: list[Any] = [
            (key if key[-1] else key[:-1], line.verdict, line.miss)
            for key, line in sorted(self.content.verdicts.items())
        ]
        reference = [self.content.reference[name] for name in sorted(self.content.reference)]
        return sha256([[_had(self.items[name]) for name in sorted(self.items)], reference, answers, verdicts])


_LATER = ("ratings", "votes", "subsets")


def _had(item: Item) -> dict[str, Any]:
    """An item's fields, without those of later versions that it does not use."""
    named = ((field.name, getattr(item, field.name)) for field in fields(item))
    return {name: value for name, value in named if value or name not in _LATER}


@uncollected()
def load(folder: Path) -> Run:
    """Read a run folder; RecordError when it is none or damaged."""
    manifest = load_manifest(folder)
    if manifest is None:
        raise RecordError(
            f"{folder} is no run folder", meant(folder, "name a folder that `judgebench run --out` wrote")
        )
    return Run(manifest, read_record(folder))


@uncollected()
def gather(runs: Iterable[Run]) -> list[Evidence]:
    """Join runs benchmark by benchmark, in the order of their names and options."""
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.manifest.benchmark, sha256(run.manifest.options)), []).append(run)
    return [_join(groups[key]) for key in sorted(groups)]


def _join(runs: list[Run]) -> Evidence:
    content = Content()
    items: dict[str, Item] = {}
    subjects: dict[str, Subject] = {}
    planned: dict[Any, tuple[TrialKey, Planned]] = {}
    ordered = sorted(runs, key=lambda run: sha256(run.manifest))
    for run in ordered:
        mine = {name: line.item for name, line in run.content.items.items()}
        for item in mine.values():
            if items.setdefault(item.id, item) != item:
                raise DataError(
                    f"item '{item.id}' of '{run.manifest.benchmark}' differs between the runs",
                    "their benchmark data differ: make one board for each",
                )
        subjects.update({subject.key: subject for subject in run.manifest.subjects})
        for key, plan in _planned(run, mine):
            planned[key.record] = (key, plan)
        _take(content, run.content, subjects)
    if any(key.item.votes for key, _ in planned.values()):
        subjects[HUMANS.key] = HUMANS
    return Evidence(
        tuple(run.manifest for run in runs),
        {name: items[name] for name in sorted(items)},
        {key: subjects[key] for key in sorted(subjects)},
        tuple(planned[key] for key in sorted(planned)),
        content,
    )


def _planned(run: Run, items: Mapping[str, Item]) -> Iterator[tuple[TrialKey, Planned]]:
    """Every trial that a run planned, with its plan; of an import, those that its record holds."""
    manifest = run.manifest
    selected = {name: [items[item] for item in ids if item in items] for name, ids in manifest.selections.items()}
    recorded = [plan for plan in manifest.planned if plan.order == "recorded"]
    imported = {(plan.judge, plan.policy, plan.opponent, plan.alone): plan for plan in recorded}
    policies = {policy for plan in recorded for policy in (plan.policy, plan.opponent)}
    for plan in manifest.planned:
        if plan.order != "recorded":
            for key in trials(plan, selected, manifest.seed):
                yield key, plan
    for line in run.content.verdicts.values() if imported else ():
        policy, opponent, *_ = (*(slot if slot in policies else None for slot in line.slots[:2]), None)
        if (found := imported.get((line.judge, policy, opponent, len(line.slots) == 1))) is not None:
            yield TrialKey(line.judge, line.slots, items[line.item], line.order, line.repeat, line.turn), found


def _take(joined: Content, mine: Content, subjects: Mapping[str, Subject]) -> None:
    """Add a run's lines to those of the runs before it. Of two verdicts about one trial the earlier run's stands.

    Never chosen by what it says: that would favour one verdict. DataError for two answers of one
    policy to one item: verdicts about one would be booked to the other.
    """
    for name, reference in mine.reference.items():
        if joined.reference.setdefault(name, reference) != reference:
            raise DataError(
                f"the benchmark's '{name}' differs between the runs",
                "their benchmark data differ: make one board for each",
            )
    for key, answer in mine.answers.items():
        old = joined.answers.get(key)
        if old is None or not old.final:
            joined.answers[key] = answer
        elif answer.final and answer.response != old.response:
            raise DataError(
                f"policy '{subjects[answer.policy].name}' answered item '{answer.item}' differently in two runs",
                "name it differently in each run, or make one board for each",
            )
    for trial, verdict in mine.verdicts.items():
        before = joined.verdicts.get(trial)
        if before is None or not before.final:
            joined.verdicts[trial] = verdict
