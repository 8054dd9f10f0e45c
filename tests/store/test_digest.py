"""Digests: equal for equal values, different for any changed field."""

import dataclasses
import math
from typing import Any

import msgspec
import pytest
from drawn import broken_texts
from hypothesis import assume, given
from hypothesis import strategies as st

from judgebench.core.request import Chat, Message, NextToken, Sampling, SequenceScore, Text
from judgebench.plugin.as_asked import as_asked
from judgebench.store.cache import Cache
from judgebench.store.digest import digest, sha256

messages = st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text()), max_size=3).map(
    tuple
)
sampling = st.builds(
    Sampling,
    st.floats(0, 2),
    st.floats(0, 1),
    st.integers(1, 4096),
    st.lists(st.text(), max_size=2).map(tuple),
    st.none() | st.integers(0, 2**31),
    st.none() | st.integers(1, 100),
)
kinds = [
    st.builds(Chat, messages, sampling, st.none() | st.text()),
    st.builds(Text, st.text(), sampling),
    st.builds(NextToken, messages, st.lists(st.text(), max_size=3).map(tuple), st.integers(1, 20)),
    st.builds(SequenceScore, messages, st.text()),
]
requests = st.one_of(kinds)
plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(requests)
def test_equal_requests_have_equal_digests(request_: Any) -> None:
    twin = msgspec.convert(msgspec.to_builtins(request_), type=type(request_))
    assert twin == request_
    assert digest(twin) == digest(request_)
    assert sha256(twin) == sha256(request_)
    assert len(digest(request_)) == 16


@given(st.one_of([st.tuples(kind, kind) for kind in kinds]), st.integers(0, 2))
def test_a_changed_field_changes_the_digest(pair: tuple[Any, Any], number: int) -> None:
    request_, other = pair
    fields = dataclasses.fields(request_)
    field = fields[number % len(fields)].name
    changed = dataclasses.replace(request_, **{field: getattr(other, field)})
    assume(changed != request_)
    assert digest(changed) != digest(request_)
    assert sha256(changed) != sha256(request_)


@given(requests, requests)
def test_keys_of_a_cache(one: Any, other: Any) -> None:
    def key(request: Any, identity: object = "m", repeat: int = 0, number: int = 0) -> bytes:
        return Cache.key(identity, type(request).__name__, as_asked(request), repeat, number)

    assert (key(one) == key(other)) == (type(one) is type(other) and repr(one) == repr(other))
    assert len({key(one), key(one, "n"), key(one, repeat=1), key(one, number=1)}) == 4


def test_requests_of_two_kinds_never_share_a_key() -> None:
    @dataclasses.dataclass(frozen=True)
    class Cousin:
        """The fields of Chat under another name: what a plugin might declare."""

        messages: tuple[Message, ...]
        sampling: Sampling = Sampling()
        schema: str | None = None

    one, other = Chat((Message("user", "x"),)), Cousin((Message("user", "x"),))
    assert digest(one) == digest(other)  # therefore the engine puts the name into the key
    assert Cache.key("m", "Chat", one, 0, 0) != Cache.key("m", "Cousin", other, 0, 0)


def test_parts_do_not_run_together() -> None:
    keys = [
        ("ab", "c"),
        ("a", "bc"),
        ("a", "b", "c"),
        ("abc",),
        (("a", "b"), "c"),
        ("a", ["b", "c"]),
        ('a","b', "c"),
        (),
    ]
    assert len({Cache.key(*parts) for parts in keys}) == len(keys)


@given(st.dictionaries(st.text(), plain_values, max_size=4), st.randoms())
def test_the_order_of_keys_never_matters(value: dict[str, Any], random: Any) -> None:
    names = list(value)
    random.shuffle(names)
    shuffled = {name: value[name] for name in names}
    assert digest({"in": shuffled}) == digest({"in": value})
    assert sha256({"in": shuffled}) == sha256({"in": value})


@given(plain_values)
def test_a_value_that_was_saved_has_its_digest(value: Any) -> None:
    saved = msgspec.json.decode(msgspec.json.encode(value))
    assert sha256(saved) == sha256(value)
    assert digest(saved) == digest(value)


@given(broken_texts)
def test_a_broken_text_has_a_digest(text: str) -> None:
    assert digest(Chat((Message("user", text),))) == digest(Chat((Message("user", text),)))
    assert digest(text) != digest(text + "x")
    sha256({"path": text})


@pytest.mark.parametrize("function", [digest, sha256])
def test_what_a_digest_tells_apart(function: Any) -> None:
    apart: list[Any] = [None, True, False, 0, 1, "", "0", "null", [], {}, [None], [[]], {"": None}, 0.5, -0.5]
    assert len({function(value) for value in apart}) == len(apart)
    assert function((1, 2)) == function([1, 2])
    assert function(math.inf) == function(None)  # as JSON has it: a manifest that was saved keeps its digests


def test_digests_stay_what_they_are() -> None:
    """A change here makes every cache useless and every subject another one."""
    assert digest((as_asked(Chat((Message("user", "é"),))), 1)).hex() == "36e43e39617b2e52f4016c1855dc39d3"
    assert sha256({"b": 1, "a": (2.0, None)}) == "504d18aa7cf3dccb8808f46676e68c8b201f39636fc9f1ba3547667d2df42748"
