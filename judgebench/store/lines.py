"""The lines of a record: JSON objects, one a line, each sealed with a checksum of its own bytes."""

import zlib

import msgspec

from judgebench.core.errors import RecordError
from judgebench.core.item import Item, Miss, Part, Preference, Response, Sample, Score, Verdict
from judgebench.store.readable import readable

TrialName = tuple[str, tuple[str, ...], str, tuple[int, ...], int, int]
"""What a verdict is about: judge, slots, item, order, repeat, turn."""


class ItemLine(msgspec.Struct, frozen=True, tag_field="line", tag="item"):
    """An item, written once before anything is asked about it."""

    item: Item


class ReferenceLine(msgspec.Struct, frozen=True, tag_field="line", tag="reference"):
    """Numbers that belong to the benchmark beside its items, under a name: measures read them."""

    name: str
    values: tuple[float, ...]


class AnswerLine(msgspec.Struct, frozen=True, tag_field="line", tag="answer", omit_defaults=True):
    """A policy's response to an item, or the miss in its place."""

    policy: str
    item: str
    response: Response | None = None
    samples: tuple[Sample, ...] = ()
    miss: Miss | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What this line is about."""
        return (self.policy, self.item)

    @property
    def final(self) -> bool:
        """A response stands; a miss is asked again by the next run."""
        return self.response is not None


class VerdictLine(msgspec.Struct, frozen=True, tag_field="line", tag="verdict", omit_defaults=True):
    """A judge's samples and verdict (in shown order) on a trial, or the miss in the verdict's place.

    `slots` names the authors in slot order; `order` is the trial's permutation. `turn`: it is about the first so many
    turns, 0: the whole conversation. `parts` are what each of several votes said, as `Judge.parts` gives them.
    """

    judge: str
    item: str
    slots: tuple[str, ...]
    order: tuple[int, ...]
    repeat: int
    samples: tuple[Sample, ...] = ()
    preference: Preference | None = None
    score: Score | None = None
    miss: Miss | None = None
    turn: int = 0
    parts: tuple[Part, ...] = ()

    @property
    def key(self) -> TrialName:
        """What this line is about."""
        return (self.judge, self.slots, self.item, self.order, self.repeat, self.turn)

    @property
    def verdict(self) -> Verdict | None:
        """The verdict, whichever kind it is."""
        return self.preference if self.preference is not None else self.score

    @property
    def final(self) -> bool:
        """A verdict, or a paid text without one; a failed call is asked again by the next run."""
        return self.miss is None or self.miss.stage == "read"


Line = ItemLine | ReferenceLine | AnswerLine | VerdictLine

_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line, strict=False)
START = b'{"line":"'
"""Every line begins with this: what does not is no line of a record, not even a torn one."""
_SEAL = len(b',"crc":"00000000"}')


def encode(line: Line) -> bytes:
    """One line of bytes, newline included; its last member is the CRC-32 of all that stands before it.

    RecordError when it could not be read back: a component gave a field a value of another type.
    """
    try:
        body = readable(line, _decoder)[:-1]
    except (TypeError, msgspec.ValidationError) as error:
        raise RecordError(
            f"{_about(line)} cannot be recorded: {error}", "the component that it comes from gave a wrong type"
        ) from None
    return body + b',"crc":"%08x"}\n' % zlib.crc32(body)


def _about(line: Line) -> str:
    match line:
        case ItemLine():
            return f"item '{line.item.id}'"
        case ReferenceLine():
            return f"the benchmark's '{line.name}'"
        case AnswerLine():
            return f"the answer of '{line.policy}' to item '{line.item}'"
        case VerdictLine():
            return f"the verdict of '{line.judge}' on item '{line.item}'"


def decode(data: bytes, where: str) -> Line:
    """The line in `data` (without newline). RecordError naming `where` when it is damaged."""
    body = data[:-_SEAL]
    if data[-_SEAL:] != b',"crc":"%08x"}' % zlib.crc32(body):
        raise RecordError(f"{where} is damaged", "restore it from a copy, or delete this line: it will be asked again")
    try:
        return _decoder.decode(body + b"}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{where} cannot be read: {error}", "was it written by a newer judgebench?") from None
