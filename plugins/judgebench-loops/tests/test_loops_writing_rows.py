import json
from fractions import Fraction
from types import MappingProxyType

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judgebench_loops.writing.rows import PairRow, PromptRow, SftRow, SoftPairRow, as_json

from judgebench import DataError, Message

ASKED = (Message("system", "Be brief."), Message("user", "Name a prime."))
PROMPT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Name a prime."}]


def said(text):
    return [{"role": "assistant", "content": text}]


def test_each_kind_of_row_has_its_format():
    rows = [
        SftRow("s", ASKED, "7", {"b": 1, "a": [2, None]}),
        PairRow("p", ASKED, "7", "8"),
        SoftPairRow("q", ASKED, "7", "8", 0.75),
        PromptRow("r", ASKED),
    ]
    assert [list(as_json(row).items()) for row in rows] == [
        [("id", "s"), ("prompt", PROMPT), ("completion", said("7")), ("lineage", '{"a": [2, null], "b": 1}')],
        [("id", "p"), ("prompt", PROMPT), ("chosen", said("7")), ("rejected", said("8")), ("lineage", "{}")],
        [
            ("id", "q"),
            ("prompt", PROMPT),
            ("chosen", said("7")),
            ("rejected", said("8")),
            ("probability", 0.75),
            ("lineage", "{}"),
        ],
        [("id", "r"), ("prompt", PROMPT), ("lineage", "{}")],
    ]


def test_a_lone_half_of_a_surrogate_pair_becomes_a_replacement_and_two_halves_are_joined():
    row = SftRow("\udc00", (Message("user", "a\ud83d"),), "\ud83d\ude00", {"\ud800": ["\udfff", {"k\udfff": "\ud800"}]})
    found = as_json(row)
    assert (found["id"], found["prompt"][0]["content"]) == ("\ufffd", "a\ufffd")
    assert found["completion"] == said("😀")
    assert json.loads(found["lineage"]) == {"\ufffd": ["\ufffd", {"k\ufffd": "\ufffd"}]}


def test_lineage_takes_what_json_has_and_numbers_and_mappings_of_other_types():
    held = {
        "n": numpy.float32(0.5),
        "i": numpy.int64(3),
        "f": Fraction(1, 4),
        "t": (True, None),
        "m": MappingProxyType({"x": 1}),
    }
    assert json.loads(as_json(PromptRow("r", ASKED, held))["lineage"]) == {
        "n": 0.5,
        "i": 3,
        "f": 0.25,
        "t": [True, None],
        "m": {"x": 1},
    }


@pytest.mark.parametrize(
    ("lineage", "said"),
    [
        ({"a": float("nan")}, "nan is no finite number"),
        ({"a": [float("inf")]}, "inf is no finite number"),
        ({"a": {1, 2}}, "set is none of JSON's types"),
        ({"a": {1: 2}}, "1 is no text, and a key"),
    ],
)
def test_a_lineage_that_json_cannot_hold_is_refused(lineage, said):
    with pytest.raises(DataError, match="row 'r': its lineage cannot be written: " + said) as error:
        as_json(PromptRow("r", ASKED, lineage))
    assert "finite numbers" in error.value.hint


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan")])
def test_a_probability_is_one(probability):
    with pytest.raises(DataError, match="row 'q': its probability is"):
        as_json(SoftPairRow("q", ASKED, "7", "8", probability))


def test_a_row_needs_a_prompt():
    with pytest.raises(DataError, match="row 'r' has no prompt"):
        as_json(PromptRow("r", ()))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON, max_size=4), st.randoms())
def test_a_lineage_comes_back_whatever_the_order_of_its_keys(lineage, rng):
    keys = list(lineage)
    rng.shuffle(keys)
    text = as_json(PromptRow("r", ASKED, lineage))["lineage"]
    assert json.loads(text) == lineage
    assert as_json(PromptRow("r", ASKED, {key: lineage[key] for key in keys}))["lineage"] == text
