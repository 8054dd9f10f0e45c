"""Of what all kinds share, shown on judges that ask nobody."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from judgebench import Ask, Judge, Preference, Sample, Trial, option


@dataclass(frozen=True)
class First(Judge):
    name = "first-of-two"
    summary = "what is shown first is better"
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"sure": {"share": 1.0}}

    share: float = option(0.9, help="the probability of the first")
    words: tuple[str, ...] = option(("a", "b"), help="a list, which flags hold as JSON")
    note: str | None = option(None, help="nothing")

    def needs(self) -> tuple[type, ...]:
        return ()

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        return ()

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        return Preference((self.share, 1.0 - self.share))


@dataclass(frozen=True)
class WithoutSummary(First):
    name = "without-summary"
    summary = ""


@dataclass(frozen=True)
class WithoutHelp(First):
    name = "without-help"

    more: int = field(default=1)


@dataclass(frozen=True)
class Growing(First):
    """Whoever builds it again from its options gets another."""

    name = "growing"

    text: str = option("x", help="grows")

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text + "!")


@dataclass(frozen=True)
class Range:
    low: int = 0
    high: int = 10


@dataclass(frozen=True)
class Nested(First):
    """An option of a class of its own, which no flag can give."""

    name = "nested"

    between: Range = option(Range(), help="what is allowed")


@dataclass(frozen=True)
class OddHash(First):
    name = "odd-hash"

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True)
class WrongPreset(First):
    name = "wrong-preset"
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"sure": {"sahre": 1.0}}


@dataclass(frozen=True)
class PresetOfAnotherType(First):
    name = "preset-of-another-type"
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"sure": {"share": "1"}}


@dataclass(frozen=True)
class ChangingFingerprint(First):
    name = "changing-fingerprint"

    def fingerprint(self) -> Mapping[str, str]:
        return {"digest": os.urandom(8).hex()}


@dataclass(frozen=True)
class FingerprintOfNumbers(First):
    name = "fingerprint-of-numbers"

    def fingerprint(self) -> Mapping[str, str]:
        return {"size": 3}  # type: ignore[dict-item]


@dataclass(frozen=True)
class Telling(First):
    """Takes a secret from the environment and keeps it where it is recorded."""

    name = "telling"

    token: str | None = option(None, help="read from the environment where it is not given")

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", self.token or os.environ.get("HF_TOKEN"))


THROUGH_JSON, THROUGH_FLAGS = "is what its options say, through JSON", "is what its options say, through flags"
EQUAL = "is frozen, and equal by value"
GOOD = (First,)
BROKEN = (
    ("is declared as the registry asks, with a summary", WithoutSummary, ()),
    ("explains every option", WithoutHelp, ()),
    (THROUGH_JSON, Growing, (THROUGH_FLAGS, EQUAL)),
    (THROUGH_FLAGS, Nested, ()),
    (EQUAL, OddHash, ()),
    ("has presets that build", WrongPreset, ()),
    ("has presets that build", PresetOfAnotherType, ()),
    ("has the same fingerprint twice", ChangingFingerprint, ()),
    ("has the same fingerprint twice", FingerprintOfNumbers, ()),
    ("tells no secret", Telling, ()),
)
