"""What a record says does not depend on the order of its lines."""

from pathlib import Path
from typing import Any

import drawn
import msgspec
import pytest
from drawn import answer_lines, content, item_lines, verdict, verdict_lines
from hypothesis import given
from hypothesis import strategies as st

from judgebench.core.errors import RecordError
from judgebench.core.item import Item, Miss, Response
from judgebench.store.digest import sha256
from judgebench.store.lines import ItemLine, Line, VerdictLine, encode
from judgebench.store.record import Content, Record, read

several = st.lists(verdict_lines | answer_lines, max_size=8) | st.lists(
    st.builds(
        VerdictLine,
        judge=st.just("j"),
        item=st.just("i"),
        slots=st.just(("x", "y")),
        order=st.just((0, 1)),
        repeat=st.integers(0, 1),
        preference=st.none() | drawn.preferences,
        miss=st.none() | drawn.misses,
    ),
    max_size=8,
)


@given(several, st.lists(item_lines, max_size=3, unique_by=lambda line: line.item.id), st.randoms())
def test_the_order_of_lines_never_matters(lines: list[Line], items: list[Line], random: Any) -> None:
    written = [*lines, *items, *items, *lines[:3]]
    shuffled = list(written)
    random.shuffle(shuffled)
    one, other = content(written), content(shuffled)
    assert one == other
    assert one.items == other.items

    def digest(held: Content) -> str:
        return sha256([sorted(map(encode, part.values())) for part in (held.items, held.answers, held.verdicts)])

    assert digest(one) == digest(other)


@given(several, st.randoms())
def test_a_final_line_beats_a_miss(lines: list[Any], random: Any) -> None:
    random.shuffle(lines)
    held = content(lines)
    for line in lines:
        stands = (held.verdicts if isinstance(line, VerdictLine) else held.answers)[line.key]
        assert stands.final >= line.final
        assert stands in lines


def test_a_verdict_after_a_failed_call_stands() -> None:
    failed = msgspec.structs.replace(verdict("i"), samples=(), preference=None, miss=Miss("ask", "time-out"))
    for order in ([failed, verdict("i")], [verdict("i"), failed]):
        assert list(content(order).verdicts.values()) == [verdict("i")]


def test_an_item_of_two_contents_is_an_error() -> None:
    one, other = ItemLine(Item("i", ("a",))), ItemLine(Item("i", ("b",)))
    for order in ([one, other], [other, one]):
        with pytest.raises(RecordError, match="item 'i' stands twice"):
            content(order)


def test_an_item_is_the_same_after_it_was_written(tmp_path: Path) -> None:
    item = Item("i", ["a \ud800"], responses=(Response(("b",), "c", features={"n": float("nan")}),))  # type: ignore[arg-type]
    with Record(tmp_path) as record:
        record.append([ItemLine(item)])
    read(tmp_path).add(ItemLine(item))
