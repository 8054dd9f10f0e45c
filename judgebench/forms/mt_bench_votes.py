"""MT-Bench's comparisons: two models' answers to a question, and what people and judges said of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Preference, Response, Vote
from judgebench.forms.mt_bench import category, judge_name, question_and_turn

PEOPLE = ("expert", "author")
"""Groups of people: `expert_17` is one of the experts."""
TIE = (0.5, 0.5)


@dataclass(frozen=True, slots=True, order=True)
class Comparison:
    """Two models' answers to one question after one or two turns, the models in alphabetical order."""

    question: int
    turn: int
    models: tuple[str, str]

    @property
    def id(self) -> str:
        """The item's id, such as `81-1-alpaca-13b-claude-v1`."""
        return "-".join((str(self.question), str(self.turn), *self.models))


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The user's turns of a comparison, and both models' answers to them."""

    turns: tuple[str, ...]
    answers: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Said:
    """One row of a file of votes: what somebody said of a comparison, `preference` None: an error is recorded.

    `straight`: the row names the models in alphabetical order; what it says is turned to that order.
    """

    where: str
    judge: str
    comparison: Comparison
    straight: bool
    preference: Preference | None
    dialogue: Dialogue | None

    @property
    def is_vote(self) -> bool:
        """Whether a person said it."""
        return self.judge.partition("_")[0] in PEOPLE


@dataclass(slots=True)
class Gathered:
    """What rows hold of one comparison: its texts, where one of them has any, and people's votes."""

    dialogue: Dialogue | None = None
    votes: list[Vote] = field(default_factory=list)


def said(where: str, row: Mapping[str, Any], texts: bool = False) -> Said:
    """A row of question_id, turn, model_a, model_b, winner and judge, perhaps with both conversations.

    With `texts` it needs those. DataError.
    """
    found, straight = comparison(where, row, ("model_a", "model_b"))
    winner, judge = row.get("winner"), judge_name(where, row)
    shown = texts or row.get("conversation_a") is not None or row.get("conversation_b") is not None
    dialogue = _dialogue(where, row, found.turn, straight) if shown else None
    match winner:
        case "model_a" | "model_b":
            preference = Preference((1.0, 0.0) if (winner == "model_a") == straight else (0.0, 1.0))
        case str(tie) if "tie" in tie:
            preference = Preference(TIE, None if tie == "tie" else tie)
        case "error" if judge.partition("_")[0] not in PEOPLE:
            return Said(where, judge, found, straight, None, dialogue)
        case _:
            raise DataError(f"{where}: winner is {winner!r}", "it must be model_a, model_b or a tie")
    return Said(where, judge, found, straight, preference, dialogue)


def comparison(where: str, row: Mapping[str, Any], sides: tuple[str, str]) -> tuple[Comparison, bool]:
    """The comparison that a row is about, and whether it names its models in alphabetical order. DataError."""
    a, b = (row.get(side) for side in sides)
    if not isinstance(a, str) or not isinstance(b, str) or not a or not b:
        raise DataError(f"{where} names no two models", f"it needs {sides[0]} and {sides[1]}")
    if a == b:
        raise DataError(f"{where} compares '{a}' with itself", "a comparison is of two models")
    question, turn = question_and_turn(where, row)
    return Comparison(question, turn, (min(a, b), max(a, b))), a < b


def gathered(rows: Iterable[Said]) -> dict[Comparison, Gathered]:
    """The comparisons of these rows, in order. DataError where two rows show different texts or say the same twice."""
    found: dict[Comparison, Gathered] = {}
    seen: dict[tuple[str, Comparison, bool], str] = {}
    for row in rows:
        first = seen.setdefault((row.judge, row.comparison, row.straight), row.where)
        if first != row.where:
            raise DataError(f"{row.where} and {first} are of one judge and comparison", "keep one of them")
        one = found.setdefault(row.comparison, Gathered())
        one.dialogue = one.dialogue or row.dialogue
        if row.dialogue not in (None, one.dialogue):
            raise DataError(
                f"{row.where} shows other texts of comparison '{row.comparison.id}' than a row before it",
                "all who compare two answers should have seen the same",
            )
        if row.is_vote and row.preference is not None:
            one.votes.append(Vote(row.judge, row.preference))
    return {about: found[about] for about in sorted(found)}


def item(compared: Comparison, about: Gathered | None = None, reference: Sequence[str] = ()) -> Item:
    """The item of a comparison: the question is its cluster, the category its stratum, turn and category its subsets.

    Votes are sorted, so that their order in a file makes no other item.
    """
    part = category(compared.question)
    dialogue = None if about is None else about.dialogue
    answers = ((), ()) if dialogue is None else dialogue.answers
    a, b = (Response(texts, model) for texts, model in zip(answers, compared.models, strict=True))
    return Item(
        id=compared.id,
        turns=() if dialogue is None else dialogue.turns,
        reference=tuple(reference[: compared.turn]),
        responses=(a, b),
        cluster=str(compared.question),
        stratum=part,
        votes=() if about is None else tuple(sorted(about.votes, key=_voter)),
        subsets=(f"turn-{compared.turn}", *((part,) if part else ())),
    )


def _voter(vote: Vote) -> tuple[str, tuple[float, ...], str]:
    return vote.voter, vote.preference.probs, vote.preference.label or ""


def _dialogue(where: str, row: Mapping[str, Any], turn: int, straight: bool) -> Dialogue:
    """The first so many turns of both conversations of a row, in the models' alphabetical order."""
    (asked, first), (also, second) = (
        _conversation(where, name, row.get(name), turn) for name in ("conversation_a", "conversation_b")
    )
    if asked != also:
        raise DataError(f"{where}: the two conversations ask different things", "both should answer one question")
    return Dialogue(asked, (first, second) if straight else (second, first))


def _conversation(where: str, name: str, messages: Any, turn: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The user's turns and the model's of the first so many exchanges."""
    shown = messages[: 2 * turn] if isinstance(messages, list) else []
    texts: list[str] = []
    for message, role in zip(shown, ("user", "assistant") * turn, strict=False):
        if isinstance(message, dict) and message.get("role") == role and isinstance(message.get("content"), str):
            texts.append(message["content"])
    if len(texts) < 2 * turn:
        raise DataError(
            f"{where}: {name} does not hold {turn} turn{'s' if turn > 1 else ''} of user and assistant",
            "it should be a list of messages with role and content",
        )
    return tuple(texts[::2]), tuple(texts[1::2])
