"""What every policy does, whatever it is asked and told."""

from collections.abc import Sequence

from judgebench.core.errors import RequestError, TransientError
from judgebench.core.item import Item, Response
from judgebench.plugin.kinds import Policy
from judgebench.testing import examples
from judgebench.testing.asking import Asking
from judgebench.testing.check import NotChecked, NotConforming
from judgebench.testing.judging import asking
from judgebench.testing.rule import Rule
from judgebench.testing.running import cancelled, outcome
from judgebench.testing.strategies.conversations import FINISHES
from judgebench.testing.subject import Subject, only_its_own

NOTHING = "it answers none of the items: give items=[...] that it can answer"


def answers_every_turn(subject: Subject[Policy]) -> None:
    """A response has an author, and one text for each turn of its item; finish reasons, if any, as many."""
    found = 0
    for item in _items(subject):
        if (response := _answered(subject.built, item, asking(subject.given))) is None:
            continue
        found += 1
        if not isinstance(response, Response):
            raise NotConforming(f"respond() returned {type(response).__name__}", "a Response")
        if len(response.turns) != len(item.turns) or not all(isinstance(text, str) for text in response.turns):
            seen = f"{len(response.turns)} text(s) for {len(item.turns)} turn(s): {response.turns!r}"
            raise NotConforming(seen, "one text for each turn")
        if len(response.finish) not in (0, len(response.turns)) or not set(response.finish) <= set(FINISHES):
            raise NotConforming(f"finish is {response.finish!r}", f"one of {FINISHES} for each turn, or nothing")
        if not isinstance(response.author, str) or not response.author:
            raise NotConforming(f"author is {response.author!r}", "a name")
    if not found:
        raise NotChecked(NOTHING)


def is_deterministic(subject: Subject[Policy]) -> None:
    """The same answers of its models give the same questions and the same response."""
    for item in _items(subject):
        once, again = asking(subject.given), asking(subject.given)
        first, second = _answered(subject.built, item, once), _answered(subject.built, item, again)
        if once.asked != again.asked:
            raise NotConforming(f"it asked {once.asked}, then {again.asked}", "the same questions about the same item")
        if first != second:
            raise NotConforming(f"it answered {first}, then {second}", "the same to the same item")


def takes_any_text(subject: Subject[Policy]) -> None:
    """Odd texts of its models make a response (or none), and no error."""
    from hypothesis import given
    from hypothesis import strategies as st

    from judgebench.testing.drawing import drawn
    from judgebench.testing.strategies import items, texts

    own = subject.given.items
    policy = subject.built

    @drawn(subject.given.examples)
    @given(st.sampled_from(own) if own else items(0), st.lists(texts(), min_size=1, max_size=3))
    def any_text(item: Item, said: list[str]) -> None:
        try:
            _answered(policy, item, Asking(replies=said))
        except Exception as error:
            seen = f"{type(error).__name__}: {error}, of {said!r}"
            raise NotConforming(seen, "a response, or a LookupError") from error

    any_text()


def does_not_look_at_responses(subject: Subject[Policy]) -> None:
    """What others answered, what is right and how people voted change nothing of what it asks and answers."""
    from dataclasses import replace

    for item in _items(subject):
        once, again = asking(subject.given), asking(subject.given)
        bare = replace(item, responses=(), gold=None, baseline=None, ratings=(), votes=())
        try:
            same = _answered(subject.built, item, once) == _answered(subject.built, bare, again)
        except (IndexError, KeyError) as error:
            raise NotConforming(f"without the item's ready responses: {error!r}", "it answers by itself") from error
        if not same or once.asked != again.asked:
            seen = "without the item's ready responses it asks or answers something else"
            raise NotConforming(seen, "it answers by itself")


def asks_its_own_models(subject: Subject[Policy]) -> None:
    """It asks the models that its options name, and only for what `needs` says."""
    policy = subject.built
    for item in _items(subject):
        ask = asking(subject.given)
        _answered(policy, item, ask)
        only_its_own(policy, ask)


def lets_errors_through(subject: Subject[Policy]) -> None:
    """An error of its first or last call reaches the caller as it is."""
    policy = subject.built
    item, numbers = _asking_item(subject)
    for error in (RequestError("too long for the model"), TransientError("too many requests")):
        for number in numbers:
            try:
                outcome(_responding(policy, item, asking(subject.given, fails={number: error})))
            except Exception as raised:
                if raised is error:
                    continue
                seen = f"{type(raised).__name__}: {raised} in the place of a {type(error).__name__}"
                raise NotConforming(seen, "the error that was raised") from raised
            raise NotConforming(f"it swallows a {type(error).__name__} of call {number}", "the error that was raised")


def lets_cancellation_through(subject: Subject[Policy]) -> None:
    """Cancelled while a call is in flight, it ends so."""
    item, numbers = _asking_item(subject)
    for number in numbers:
        ask = asking(subject.given, waits=(number,))
        outcome(cancelled(_responding(subject.built, item, ask), ask))


def _items(subject: Subject[Policy]) -> Sequence[Item]:
    return subject.given.items or examples.items()


async def _responding(policy: Policy, item: Item, ask: Asking) -> Response:
    return await policy.respond(item, ask)


def _answered(policy: Policy, item: Item, ask: Asking) -> Response | None:
    """The response; None where it says that there is none."""
    try:
        return outcome(_responding(policy, item, ask))
    except LookupError as error:
        if isinstance(error, IndexError | KeyError):  # of a list or mapping, not said on purpose
            raise
        return None


def _asking_item(subject: Subject[Policy]) -> tuple[Item, list[int]]:
    """The item that most is asked about, and the numbers of the first and last call."""
    counts = []
    for item in _items(subject):
        ask = asking(subject.given)
        _answered(subject.built, item, ask)
        counts.append(len(ask.asked))
    if not any(counts):
        raise NotChecked("it asks nobody")
    return _items(subject)[counts.index(max(counts))], sorted({1, max(counts)})


RULES = (
    Rule("answers every turn of an item", answers_every_turn),
    Rule("asks and answers the same twice", is_deterministic),
    Rule("makes a response of any text", takes_any_text),
    Rule("answers without a look at the item's ready responses", does_not_look_at_responses),
    Rule("asks the models that its options name, for what it needs", asks_its_own_models),
    Rule("lets the error of a call through", lets_errors_through),
    Rule("lets a cancellation through", lets_cancellation_through),
)
