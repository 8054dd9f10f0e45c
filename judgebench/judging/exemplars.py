"""Examples that a judge's prompt may show: judged pairs, from a user's jsonl file."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from judgebench.core.errors import DataError
from judgebench.forms.files import read_rows

_FORM = '{"question" or "text": ..., "first": ..., "second": ..., "preferred": 1 or 2, "rationale": ... (if any)}'


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A judged pair. `preferred` is the place, 1 or 2, of the better response; `rationale` says why, or is empty."""

    question: str
    first: str
    second: str
    preferred: int
    rationale: str = ""


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    first: str
    second: str
    preferred: Literal[1, 2]
    question: str | None = None
    text: str | None = None
    rationale: str | None = None


def read_exemplars(path: str, number: int | None = None) -> tuple[Exemplar, ...]:
    """The first so many rows of a jsonl file as exemplars; None: all of them.

    The question stands under `question` or `text`. DataError that names the line of a row that is wrong, or says that
    the file holds fewer rows; every row is checked, those that are not shown too.
    """
    found = tuple(_exemplar(place, row) for place, row in read_rows(path))
    if number is not None and len(found) < number:
        raise DataError(f"{path} holds {len(found)} exemplars, not {number}", f"add rows, or give shots={len(found)}")
    return found[:number]


def _exemplar(place: str, row: object) -> Exemplar:
    try:
        read = msgspec.convert(row, type=_Row)
    except msgspec.ValidationError as error:
        raise DataError(f"{place}: {error}", f"a row's form: {_FORM}") from None
    if read.question is not None and read.text is not None:
        raise DataError(f"{place}: both `question` and `text` are given", "they are two names of one thing: keep one")
    question = read.text if read.question is None else read.question
    if question is None:
        raise DataError(f"{place}: neither `question` nor `text` is given", f"a row's form: {_FORM}")
    return Exemplar(question, read.first, read.second, read.preferred, read.rationale or "")
