"""What cannot be JSON becomes JSON, or an error before it is written."""

import enum
import json
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from drawn import broken_texts
from hypothesis import given
from hypothesis import strategies as st

from judgebench.core.request import Completion, Usage
from judgebench.store.readable import encode, plain, readable, whole

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | broken_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(broken_texts, inner, max_size=3),
    max_leaves=8,
)
completions = msgspec.json.Decoder(Completion, strict=False)


@given(st.text())
def test_a_sound_text_stays(text: str) -> None:
    assert whole(text) == text


@given(broken_texts)
def test_a_broken_text_becomes_whole(text: str) -> None:
    whole(text).encode()
    assert whole(whole(text)) == whole(text)


@given(anything)
def test_everything_can_be_encoded(value: object) -> None:
    json.loads(encode(value))
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == plain(value)
    assert encode(plain(value)) == msgspec.json.encode(plain(value))


def test_names_of_numbers() -> None:
    assert plain({"a": (math.inf, -math.inf, math.nan, 1.5), 7: "\ud800"}) == {
        "a": ["inf", "-inf", "nan", 1.5],
        "7": "�",
    }


class Kind(enum.StrEnum):
    ONE = "one"


class Word(str):
    pass


def test_subclasses_are_their_base() -> None:
    assert encode([np.float64(0.5), Word("w"), Kind.ONE, True]) == b'[0.5,"w","one",true]'
    for odd in (np.float32(0.5), np.int64(1), np.zeros(2), object(), Path("x"), 1j):
        with pytest.raises(TypeError):
            encode(odd)


def test_what_has_a_wrong_type_is_refused() -> None:
    for odd in (Completion(None), Completion("", usage=Usage("many")), Completion("", "end")):  # type: ignore[arg-type]
        with pytest.raises(msgspec.ValidationError):
            readable(odd, completions)
    with pytest.raises(TypeError):
        readable(Completion(score=np.float32(1)), completions)  # type: ignore[arg-type]
