"""A field that came later changes no digest of a request that does not use it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.core.request import Chat, Message, NextToken, Sampling, Text
from judgebench.plugin.as_asked import as_asked
from judgebench.store.digest import digest

asked = (Message("user", "x"),)


@pytest.mark.parametrize(
    ("request_", "known"),
    [
        (Chat(asked), "be86db6c87b66bf3cf9377ba83e29153"),
        (Chat(asked, Sampling(0.7, 0.9, 64, ("s",), 3)), "df8517c8b4f126bfbcf66b0e5179edd4"),
        (Text("x", Sampling(seed=3)), "46cd8d3bd5e8d9c4ec1ba8ca5147b4f5"),
    ],
)
def test_the_digests_of_the_version_without_these_fields(request_, known):
    """What was paid for then is found again."""
    assert digest(as_asked(request_)).hex() == known


def test_what_is_used_counts():
    plain = [
        Chat(asked),
        Chat(asked, Sampling(top_k=40)),
        Chat(asked, schema="{}"),
        Text("x"),
        NextToken(asked, ("A",)),
    ]
    plain += [Text("x", Sampling(top_k=1)), Chat(asked, Sampling(top_k=40), "{}")]
    assert len({digest(as_asked(request)) for request in plain}) == len(plain)


@given(st.none() | st.integers(1, 50), st.none() | st.text())
def test_two_requests_share_a_digest_only_if_they_are_equal(top_k, schema):
    one, other = Chat(asked, Sampling(top_k=top_k), schema), Chat(asked)
    assert (digest(as_asked(one)) == digest(as_asked(other))) == (one == other)
