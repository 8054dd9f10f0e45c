"""helpsteer2: HelpSteer2's pairs of responses, with gold from people's ratings or from their preferences."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from judgebench.core.errors import ConfigError, DataError
from judgebench.core.item import Item, Preference, Response
from judgebench.forms.conversation import exchange
from judgebench.forms.files import read_rows
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.hub import DataFile, HubFile, hub_file
from judgebench.plugin.options import option

REPO = "nvidia/HelpSteer2"
ATTRIBUTES = ("helpfulness", "correctness", "coherence", "complexity", "verbosity")
Weights = tuple[float, float, float, float, float]
WEIGHTS: Weights = (0.65, 0.8, 0.45, 0.55, -0.4)
PREFERENCES = "preference/preference.jsonl.gz"
RATED = {"validation": "validation.jsonl.gz", "train": "train.jsonl.gz"}
SIZES = {"validation.jsonl.gz": 582_000, "train.jsonl.gz": 11_300_000, PREFERENCES: 15_300_000}
SPLITS = {"validation": "val", "train": "train"}
"""What the preference file calls the two splits."""


@dataclass(frozen=True)
class HelpSteer2(Benchmark):
    """Two responses a prompt, judged in both orders; earlier turns of a prompt are context.

    `gold=attributes`: the response with the higher weighted sum of the five ratings (0 to 4) is better, summed exactly;
    the subset is how far the sums are apart: strength-1 up to 1, strength-2 up to 2, strength-3 more. Ratings stay as
    the responses' features, the sums as the items' ratings. `gold=preference`: the preference file's rows of the split,
    whose strength is -3 to 3, below 0 where response 1 is better; the subset is its size.

    Pairs without a preference (equal sums, strength 0) are left out; ids are places in the file, from 1, so that they
    stay the same under other weights. Pairs of the same prompt are one cluster; all pairs are one stratum. Sources:
    Wang et al. (2024), "HelpSteer2" and "HelpSteer2-Preference"; use and weights: Wang et al. (2024), "Self-Taught
    Evaluators".
    """

    name = "helpsteer2"
    summary = "HelpSteer2: pairs that people rated, in both orders, by strength of the preference"
    order = "both"
    measures = (
        "average-accuracy",
        "position-consistent-accuracy",
        "average-accuracy/*",
        "position-consistent-accuracy/*",
        "position-consistency",
        "position-bias",
        "miss-rate",
    )

    split: Literal["validation", "train"] = option("validation", help="which part of the data")
    gold: Literal["attributes", "preference"] = option("attributes", help="weighted ratings, or stated preferences")
    weights: Weights = option(WEIGHTS, help=f"weights of {', '.join(ATTRIBUTES)}")
    data_dir: str | None = option(None, help="a mirror of the hub (default: JUDGEBENCH_DATA)", identity=False)
    revision: str | None = option(None, help="revision of the data set (default: the newest)")

    def __post_init__(self) -> None:
        """ConfigError for a weight that is no finite number, and for weights of one's own that nothing would use."""
        if not all(map(math.isfinite, self.weights)):
            raise ConfigError(f"helpsteer2: the weights are {list(self.weights)}", "give five finite numbers")
        if self.gold == "preference" and tuple(self.weights) != WEIGHTS:
            raise ConfigError(
                "helpsteer2: weights have no effect on stated preferences", "give weights with gold=attributes alone"
            )

    def items(self) -> Sequence[Item]:
        """All pairs with a preference. DataError when the file cannot be had, or that names a row not of its form."""
        first: dict[Any, str] = {}
        found = []
        for item in self._preferred() if self.gold == "preference" else self._rated():
            same = first.setdefault((item.context, item.turns), item.id)
            found.append(item if same == item.id else replace(item, cluster=same))
        return found

    def sources(self) -> Mapping[str, str]:
        """The one file."""
        return {self._name: self._file.source}

    def data_files(self) -> Sequence[DataFile]:
        """The one file that the options ask for."""
        note = "stated preferences" if self.gold == "preference" else f"ratings, {self.split} split"
        return [DataFile(REPO, self._name, "CC-BY-4.0", SIZES[self._name], note, self.revision)]

    @property
    def _name(self) -> str:
        return PREFERENCES if self.gold == "preference" else RATED[self.split]

    @cached_property
    def _file(self) -> HubFile:
        return hub_file(REPO, self._name, data_dir=self.data_dir, revision=self.revision)

    def _rated(self) -> Iterator[Item]:
        """Pairs of the rated split: two rows after one another, of one prompt."""
        rows = read_rows(self._file.path)
        for number, (where, row) in enumerate(rows[::2], start=1):
            after, other = rows[2 * number - 1] if 2 * number <= len(rows) else (where, {})
            prompt = _text(row, "prompt", where)
            if other.get("prompt") != prompt:
                raise DataError(f"{where} has no second row of its prompt after it", "there are two rows a prompt")
            texts = (_text(row, "response", where), _text(other, "response", after))
            ratings = (_ratings(row, where), _ratings(other, after))
            sums = tuple(self._sum(one) for one in ratings)
            if sums[0] == sums[1]:
                continue
            apart = abs(sums[0] - sums[1])
            strength = 1 if apart <= 1 else 2 if apart <= 2 else 3
            item = _pair(str(number), prompt, texts, where, sums[0] > sums[1], strength)
            rated = zip(item.responses, ratings, strict=True)
            responses = tuple(
                replace(response, features={name: float(value) for name, value in one.items()})
                for response, one in rated
            )
            yield replace(item, responses=responses, ratings=tuple(map(float, sums)))

    def _sum(self, ratings: Mapping[str, Fraction]) -> Fraction:
        """The weighted sum in exact arithmetic, on the weights as they are written: 0.65 is 65/100."""
        weights = map(Fraction, map(str, self.weights))
        return sum((w * ratings[name] for w, name in zip(weights, ATTRIBUTES, strict=True)), Fraction(0))

    def _preferred(self) -> Iterator[Item]:
        """Rows of the preference file that are of the split."""
        for number, (where, row) in enumerate(read_rows(self._file.path), start=1):
            split, strength = row.get("split"), row.get("preference_strength")
            if split not in SPLITS.values():
                raise DataError(f"{where}: split is {split!r}", f"known: {', '.join(SPLITS.values())}")
            if not isinstance(strength, int) or isinstance(strength, bool) or not -3 <= strength <= 3:
                raise DataError(f"{where}: preference_strength is {strength!r}", "it is a whole number from -3 to 3")
            if split != SPLITS[self.split] or strength == 0:
                continue
            texts = (_text(row, "response_1", where), _text(row, "response_2", where))
            yield _pair(str(number), _text(row, "prompt", where), texts, where, strength < 0, abs(strength))


def _pair(name: str, prompt: str, texts: tuple[str, str], where: str, first: bool, strength: int) -> Item:
    """An item; `first`: the first response is better."""
    authors = ("response_1", "response_2")
    found = exchange(("prompt", prompt), list(zip(authors, texts, strict=True)), where)
    return Item(
        id=name,
        turns=found.turns,
        context=found.context,
        responses=tuple(Response(*one) for one in zip(found.responses, authors, strict=True)),
        gold=Preference((1.0, 0.0) if first else (0.0, 1.0)),
        subsets=(f"strength-{strength}",),
    )


def _text(row: Mapping[str, Any], column: str, where: str) -> str:
    value = row.get(column)
    if not isinstance(value, str):
        raise DataError(f"{where} has no text in '{column}'", f"is it a file of {REPO}?")
    return value


def _ratings(row: Mapping[str, Any], where: str) -> dict[str, Fraction]:
    """The five ratings, exactly as they are written."""
    found = {}
    for name in ATTRIBUTES:
        value = row.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 4:
            raise DataError(f"{where}: {name} is {value!r}", "ratings are numbers from 0 to 4")
        found[name] = Fraction(str(value))
    return found


COMPONENT = HelpSteer2
