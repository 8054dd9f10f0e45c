"""Notes of a board: what a reader must know of its intervals, of measures without data and of raw outcomes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from judgebench.core.leaderboard import Estimate
from judgebench.engine.evidence import Evidence
from judgebench.engine.inference import Measured
from judgebench.engine.placing import doubts, placed
from judgebench.engine.plan import TrialKey
from judgebench.plugin.measure import Measure
from judgebench.stats.table import Table

FEW_CLUSTERS = 30
NEAR_BORDER = 0.05
"""Bootstrap intervals under-cover on few clusters, and within this share of a measure's range of its bounds."""

_CUT = {"length": "were cut at its max_tokens", "content_filter": "were stopped by a content filter"}


def warnings(estimate: Estimate, measure: Measure, clusters: int) -> Iterator[str]:
    """Where an estimate's interval is known to be too narrow; the subjects are named by `told`."""
    if clusters < FEW_CLUSTERS:
        items = "1 item" if clusters == 1 else f"{clusters} items"
        yield f"intervals from {items}, fewer than {FEW_CLUSTERS}, tend to be too narrow"
    elif measure.bounds is not None and estimate.method != "wilson":
        least, most = measure.bounds
        near = NEAR_BORDER * (most - least)
        if not least + near <= estimate.value <= most - near:
            yield (
                f"{estimate.measure} within {near:g} points of the border, "
                "where bootstrap intervals tend to be too narrow"
            )


def told(found: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Warnings with their subjects, one note a warning."""
    subjects: dict[str, list[str]] = {}
    for warning, subject in found:
        subjects.setdefault(warning, []).append(subject)
    for warning, names in subjects.items():
        yield f"{warning}: {', '.join(dict.fromkeys(names))}"


def no_data(found: Measured) -> str:
    """That a measure found no data, and why."""
    return f"measure {found.label}: no data ({_reason(found.measure, found.table, found.keys)})"


def _reason(measure: Measure, table: Table, subjects: Sequence[object]) -> str:
    """What is lacking, found by asking whether the measure would count units if the table had it."""
    if not subjects:
        return "no judge in the run" if measure.about == "judge" else "no policy in the run"
    if missing := _counted(measure, table):
        return f"all {missing} that were planned are missing"
    if not len(table.subject):
        return "no unit is of its form, or of that part of the benchmark"
    if _counted(measure, replace(table, gold=np.ones_like(table.gold), ratings=np.zeros_like(table.ratings))):
        return "no gold labels"
    if _counted(measure, replace(table, planned=np.ones_like(table.planned))):
        return "one order only"
    return "no unit enters it"


def _counted(measure: Measure, table: Table) -> int:
    support = measure.support(table)
    return int(support.n.sum() + support.missing.sum())


def outcomes(evidence: Evidence) -> Iterator[str]:
    """Judges that follow places, answers cut short, misses by reason, and what was planned and not asked."""
    yield from doubts(evidence, placed(evidence)).values()
    yield from _cut_short(evidence)
    yield from _misses(evidence)
    yield from _not_asked(evidence)


def _cut_short(evidence: Evidence) -> Iterator[str]:
    cut: Counter[tuple[str, str]] = Counter()
    answered: Counter[str] = Counter()
    for answer in evidence.content.answers.values():
        answered[answer.policy] += 1
        if answer.response is not None:
            cut.update((answer.policy, finish) for finish in _CUT if finish in answer.response.finish)
    for (policy, finish), number in sorted(cut.items()):
        yield f"{number} of {answered[policy]} answers of {evidence.shown(policy)} {_CUT[finish]}"


def _misses(evidence: Evidence) -> Iterator[str]:
    missed: Counter[tuple[str, str, str]] = Counter()
    for answer in evidence.content.answers.values():
        if answer.miss is not None:
            missed[answer.policy, "answers", answer.miss.reason] += 1
    for verdict in evidence.content.verdicts.values():
        if verdict.miss is not None:
            missed[verdict.judge, "verdicts", verdict.miss.reason] += 1
    for (subject, what, reason), number in sorted(missed.items()):
        are = f"1 {what[:-1]} of {{}} is" if number == 1 else f"{number} {what} of {{}} are"
        yield f"{are.format(evidence.shown(subject))} missing: {reason}"


def _silent(evidence: Evidence, key: TrialKey) -> str:
    """The policy of a trial that gave no answer: the first one."""
    lines = {slot: evidence.content.answers.get((slot, key.item.id)) for slot in key.slots}
    return next(slot for slot, line in lines.items() if line is None or line.response is None)


def _not_asked(evidence: Evidence) -> Iterator[str]:
    left: Counter[str] = Counter()
    waiting: Counter[tuple[str, str]] = Counter()
    for key, plan in evidence.planned:
        if key.record in evidence.content.verdicts:
            continue
        if plan.policy is not None and evidence.responses(key) is None:
            waiting[key.judge, _silent(evidence, key)] += 1
        else:
            left[key.judge] += 1
    for judge, number in sorted(left.items()):
        yield f"{number} planned verdicts of {evidence.shown(judge)} were not asked yet: run the same command again"
    for (judge, policy), number in sorted(waiting.items()):
        yield (
            f"{number} verdicts of {evidence.shown(judge)} wait for answers that {evidence.shown(policy)} did not give"
        )
