"""Every line comes back as it was written, whatever a model or a plugin put into it."""

import json
import math
import re
import zlib

import numpy as np
import pytest
from drawn import broken_texts, completions, every_float, lines, texts, verdict
from hypothesis import example, given
from hypothesis import strategies as st

from judgebench.core.errors import RecordError
from judgebench.core.item import Item, Miss, Preference, Response, Sample, Score
from judgebench.core.request import Completion
from judgebench.store.lines import START, AnswerLine, ItemLine, Line, VerdictLine, decode, encode


def again(line: Line) -> Line:
    return decode(encode(line).removesuffix(b"\n"), "here")


def mended(text: str) -> str:
    """An independent account of what becomes of a text: pairs joined, lone halves replaced."""
    paired = re.sub(
        "[\ud800-\udbff][\udc00-\udfff]",
        lambda pair: chr(0x10000 + (ord(pair[0][0]) - 0xD800) * 0x400 + ord(pair[0][1]) - 0xDC00),
        text,
    )
    return re.sub("[\ud800-\udfff]", "\ufffd", paired)


@given(lines)
def test_any_line_comes_back(line: Line) -> None:
    assert again(line) == line


@given(lines)
def test_a_line_is_one_line(line: Line) -> None:
    data = encode(line)
    assert data.startswith(START)
    assert data.endswith(b"}\n")
    assert data.splitlines(keepends=True) == [data]  # bytes split at \n, \r and \r\n alone: none is inside
    assert not set(data[:-1]) & set(range(0x20))


@given(lines)
def test_a_line_is_json_that_any_program_reads(line: Line) -> None:
    data = encode(line)
    members = json.loads(data)
    assert next(iter(members)) == "line"
    assert list(members)[-1] == "crc"
    body = data[: data.rindex(b',"crc":"')]
    assert int(members["crc"], 16) == zlib.crc32(body)


@given(broken_texts)
@example("\ud83d\ude00 \ude00\ud83d")
@example("a\ud800")
def test_a_broken_text_is_kept_but_for_its_broken_characters(text: str) -> None:
    line = AnswerLine("p", "i", Response((text,), "p"), (Sample("m", Completion(text)),))
    back = again(line)
    assert isinstance(back, AnswerLine)
    assert back.response is not None
    assert back.response.turns == (mended(text),)
    assert back.samples[0].text == mended(text)


@given(completions(every_float))
def test_no_number_is_lost(completion: Completion) -> None:
    back = again(AnswerLine("p", "i", None, (Sample("m", completion),)))
    assert isinstance(back, AnswerLine)
    assert repr(back.samples[0].completion) == repr(completion)  # repr: NaN is NaN


@given(st.lists(every_float, min_size=1).map(tuple))
@example((-math.inf, math.nan, -0.0))
def test_a_verdict_may_hold_any_number(values: tuple[float, ...]) -> None:
    for given_ in (Score(values), Preference(values)):
        score = given_ if isinstance(given_, Score) else None
        preference = given_ if isinstance(given_, Preference) else None
        back = again(VerdictLine("j", "i", ("x", "y"), (0, 1), 0, preference=preference, score=score))
        assert isinstance(back, VerdictLine)
        assert repr(back.verdict) == repr(given_)


def test_numbers_of_numpy_are_numbers() -> None:
    probs = np.array([0.25, 0.75])
    back = again(VerdictLine("j", "i", ("x", "y"), (0, 1), 0, preference=Preference(tuple(probs))))
    assert isinstance(back, VerdictLine)
    assert back.preference == Preference((0.25, 0.75))
    assert type(back.preference.probs[0]) is float


@given(texts)
def test_a_number_by_name_does_not_change_a_text_of_that_name(text: str) -> None:
    for label in (text, "nan", "null", "inf", "1"):
        line = VerdictLine("j", "i", ("x", "y"), (0, 1), 0, preference=Preference((math.inf, 0.5), label))
        assert again(line) == line


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (AnswerLine("pol", "it", Response((None,), "a")), "answer of 'pol' to item 'it'"),  # type: ignore[arg-type]
        (
            VerdictLine("jud", "it", ("x", "y"), (0, 1), 0, preference=Preference(("x", 0.5))),  # type: ignore[arg-type]
            "verdict of 'jud' on item 'it'",
        ),
        (
            VerdictLine("jud", "it", ("x", "y"), (0, 1), 0, score=Score((object(),))),  # type: ignore[arg-type]
            "verdict of 'jud' on item 'it'",
        ),
        (ItemLine(Item("it", "turns")), "item 'it'"),  # type: ignore[arg-type]
        (AnswerLine("pol", "it", miss=Miss("lost", "")), "answer of 'pol'"),  # type: ignore[arg-type]
    ],
)
def test_a_value_of_a_wrong_type_is_refused_before_it_is_written(line: Line, words: str) -> None:
    with pytest.raises(RecordError, match=words) as caught:
        encode(line)
    assert caught.value.hint


@given(lines, st.data())
def test_a_changed_bit_is_seen(line: Line, data: st.DataObject) -> None:
    whole = bytearray(encode(line)[:-1])
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(RecordError, match=r"^f, line 7, is damaged"):
        decode(bytes(whole), "f, line 7,")


def test_a_sealed_line_of_another_form_is_named() -> None:
    for body in (b"", b'{"line":"other"', b'{"line":"answer"', b'{"line":"answer","policy":"\xff"', b"[1"):
        with pytest.raises(RecordError, match=r"^f, line 7, cannot be read: ") as caught:
            decode(body + b',"crc":"%08x"}' % zlib.crc32(body), "f, line 7,")
        assert "newer" in caught.value.hint


def test_what_is_final() -> None:
    assert verdict("i").final
    for stage, final in (("answer", False), ("ask", False), ("read", True)):
        miss = Miss(stage, "why")  # type: ignore[arg-type]
        assert VerdictLine("j", "i", ("x", "y"), (0, 1), 0, miss=miss).final is final
        assert not AnswerLine("p", "i", miss=miss).final
    assert AnswerLine("p", "i", Response((), "p")).final
