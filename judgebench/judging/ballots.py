"""Ballots: what several verdicts on the same trial come to when they are counted or averaged."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from judgebench.core.errors import VerdictError
from judgebench.core.item import Part, Preference, Score, Verdict

Best = frozenset[int]
"""What a vote names: the place of its best response, or of all that it finds equally good."""
_ROUNDING = 1e-12
"""Probabilities that differ by no more are equal; measures take them so too."""


def best(verdict: Verdict) -> Best:
    """The places of the responses that nothing is better than; scores are compared as they are."""
    values, apart = (verdict.probs, _ROUNDING) if isinstance(verdict, Preference) else (verdict.values, 0.0)
    return frozenset(place for place, value in enumerate(values) if max(values) - value <= apart)


def shared(places: Best, responses: int) -> Preference:
    """A preference for these places, alike."""
    return Preference(tuple(1.0 / len(places) if place in places else 0.0 for place in range(responses)))


def preferred(verdict: Verdict) -> Preference:
    """A preference as it is; scores as their comparison, 1 for the best, shared where several are."""
    return verdict if isinstance(verdict, Preference) else shared(best(verdict), len(verdict.values))


def majority(verdicts: Sequence[Verdict], responses: int) -> Preference:
    """What more than half of the verdicts name; a tie of all responses where there is no such thing."""
    named, votes = Counter(map(best, verdicts)).most_common(1)[0]
    return shared(named if 2 * votes > len(verdicts) else frozenset(range(responses)), responses)


def plurality(verdicts: Sequence[Verdict], responses: int) -> Preference:
    """What most verdicts name, a tie being one thing to name; of several that as many name, a tie of all in them."""
    counts = Counter(map(best, verdicts))
    top = max(counts.values())
    return shared(frozenset[int]().union(*(named for named, votes in counts.items() if votes == top)), responses)


def mean(verdicts: Sequence[Verdict], weights: Sequence[float]) -> Preference:
    """The weighted mean of the probabilities; scores count by their comparison. VerdictError without any weight."""
    return Preference(_means([preferred(verdict).probs for verdict in verdicts], weights))


def mean_score(scores: Sequence[Score]) -> Score:
    """The mean of the scores of each response."""
    return Score(_means([score.values for score in scores], [1.0] * len(scores)))


def _means(rows: Sequence[Sequence[float]], weights: Sequence[float]) -> tuple[float, ...]:
    """By column; sums are rounded once, so that equal columns have equal means."""
    total = math.fsum(weights)
    if not total > 0:
        raise VerdictError("no verdict of a judge with a weight")
    columns = zip(*rows, strict=True)
    return tuple(math.fsum(w * value for w, value in zip(weights, column, strict=True)) / total for column in columns)


COUNTED: Mapping[str, Callable[[Sequence[Verdict], int], Preference]] = {"majority": majority, "plurality": plurality}
"""The rules that count what each verdict names: from verdicts and the number of responses."""


def readable(found: Sequence[Verdict | VerdictError], what: str) -> list[Verdict]:
    """The verdicts among what was read; a VerdictError that counts the reasons where there is none.

    `what` names them, such as `votes`.
    """
    verdicts = [one for one in found if not isinstance(one, VerdictError)]
    if verdicts:
        return verdicts
    reasons = Counter(str(one) for one in found)
    said = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
    raise VerdictError(f"none of {len(found)} {what} can be read: {said}")


def as_part(found: Verdict | VerdictError) -> Part:
    """What the record keeps of one of them: its numbers, nothing where it has no verdict."""
    match found:
        case Preference(values) | Score(values):
            return values
    return ()
