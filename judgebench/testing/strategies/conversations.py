"""Texts, messages, items, responses and trials."""

from typing import get_args

from hypothesis import strategies as st

from judgebench.core.item import Item, Preference, Response, Trial
from judgebench.core.request import Finish, Message

ODD = (
    "", " ", "\n", "[[A]]", "[[B]]", "[[C]]", "[[A>>B]]", "[A]", "[[7]]", "[[10]]", "[[1e9]]", "[[-3]]", "[[0]]",
    "Score: 5", "Score: 4.75", "Score:", "Rating: 9", "1", "2", '{"verdict": "A"}', '{"rating": 5}', "{}", "[",
    "{question}", "{{ question }}", "{% if x %}", "{# a #}", "<think>", "</think>", "<|im_end|>", "<script>", "%s",
    "\\", "|", "`", "**A**", "=1+1", '"', "'", "\x00", "\u2028", "\u202e", "e\u0301", "é", "日本語", "😀", "٣", "Ａ",
    "A" * 50, "0" * 400, "9" * 400 + ".9", "word " * 3000,
)  # fmt: skip
"""Texts that mean something to a parser, a template or a table, and such as break careless ones."""
FINISHES: tuple[Finish | None, ...] = (*get_args(Finish), None)


def texts(max_size: int = 4) -> st.SearchStrategy[str]:
    """Texts of up to `max_size` pieces, odd ones and any characters but surrogates."""
    plain = st.text(st.characters(codec="utf-8"), max_size=12)
    return st.lists(st.sampled_from(ODD) | plain, max_size=max_size).map("".join)


def messages(max_size: int = 3) -> st.SearchStrategy[tuple[Message, ...]]:
    """Conversations of up to `max_size` messages that end with a user's; perhaps a system prompt before them."""

    def made(said: list[str], system: str | None) -> tuple[Message, ...]:
        turns = [Message("user" if (len(said) - k) % 2 else "assistant", text) for k, text in enumerate(said)]
        return (*((Message("system", system),) if system is not None else ()), *turns)

    return st.builds(made, st.lists(texts(), min_size=1, max_size=max_size), st.none() | texts())


def responses(turns: int = 1) -> st.SearchStrategy[Response]:
    """Responses of so many turns."""
    return st.builds(
        lambda said, author, finish: Response(tuple(said), author, tuple(finish)),
        st.lists(texts(), min_size=turns, max_size=turns),
        st.sampled_from(("one", "another", "a | b", "日本")),
        st.lists(st.sampled_from(FINISHES), min_size=turns, max_size=turns),
    )


@st.composite
def items(draw: st.DrawFn, ready: int = 2) -> Item:
    """Items of one or two turns with so many ready responses; of two, one is better by gold, or neither."""
    number = draw(st.integers(1, 2))
    turns = draw(st.lists(texts(2), min_size=number, max_size=number))
    given = draw(st.lists(responses(number), min_size=ready, max_size=ready))
    gold: tuple[float, float] | None = None
    if ready == 2:
        gold = draw(st.sampled_from((None, (1.0, 0.0), (0.0, 1.0), (0.5, 0.5))))
    return Item(
        id=draw(st.sampled_from(("1", "q-2", "ü"))),
        turns=tuple(turns),
        context=draw(st.sampled_from(((), (Message("system", "Be brief."),)))),
        reference=draw(st.sampled_from(((), tuple(turns)))),
        responses=tuple(given),
        gold=None if gold is None else Preference(gold),
        stratum=draw(st.sampled_from(("", "math", "coding"))),
    )


@st.composite
def trials(draw: st.DrawFn, shown: int = 2) -> Trial:
    """Trials of so many responses, shown in any order."""
    item = draw(items(shown))
    order = draw(st.permutations(range(shown)))
    repeat = draw(st.integers(0, 2))
    return Trial(item, tuple(item.responses[slot] for slot in order), tuple(order), repeat)
