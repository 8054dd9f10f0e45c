"""Items, trials and requests that checks begin with: plain ones, and such as are easily forgotten."""

from collections.abc import Sequence

from judgebench.core.item import Item, Preference, Response, Trial
from judgebench.core.request import Chat, Finish, Message, NextToken, Request, Reward, Sampling, SequenceScore, Text

_READY = (
    ("The capital of France is Paris.", "It is Lyon, which is a large city in the east of the country."),
    ("Paris.", "Paris."),
    ("First [[A]], then {{ question }} and {question}.", "<think>[[B]]</think> | `x` 日本語 😀\n\n* one\n* two"),
    ("", "An answer beside an empty one."),
)


def items() -> tuple[Item, ...]:
    """Items of one turn, with responses that are plain, equal, odd or empty; of two turns; with all that there is."""
    plain = [
        Item(f"item-{k}", ("What is the capital of France?",), responses=_responses(2, *texts), gold=Preference((1, 0)))
        for k, texts in enumerate(_READY)
    ]
    two = tuple(
        Response((f"{name}: {text}", f"{name}: and Rome."), name, ("stop", "length"))
        for name, text in zip(("one", "another"), _READY[0], strict=True)
    )
    turns = ("What is the capital of France?", "And of Italy?")
    return (
        *plain,
        Item("two-turns", turns, responses=two, reference=("Paris.", "Rome."), stratum="math"),
        Item(
            "with-context",
            ("And of Spain?",),
            context=(Message("system", "Be brief."), Message("user", "Hello!"), Message("assistant", "Hello.")),
            reference=("Madrid.",),
            responses=_responses(2, "Madrid.", "Barcelona."),
            stratum="coding",
            features={"difficulty": 0.5},
        ),
    )


_STOP: tuple[Finish, ...] = ("stop",)


def _responses(number: int, *texts: str) -> tuple[Response, ...]:
    said = (*texts, "A third answer: Paris, or so they say.", "4")[:number]
    return tuple(Response((text,), f"author-{k}", _STOP) for k, text in enumerate(said))


def trials(number: int, given: Sequence[Item] = ()) -> list[Trial]:
    """A trial of so many responses for each of the items that have as many, in their order; others get ours."""
    found = []
    for item in given or items():
        shown = item.responses
        if len(shown) != number:
            turns = len(item.turns)
            texts = [response.turns[0] for response in (*shown[:number], *_responses(4, *_READY[0])) if response.turns]
            shown = tuple(
                Response((text,) * turns, f"author-{k}", _STOP * turns) for k, text in enumerate(texts[:number])
            )
        found.append(Trial(item, shown, tuple(range(number))))
    return found


MESSAGES = (Message("system", "Answer in English."), Message("user", "Name the capital of France, in one word."))


def requests() -> dict[type, tuple[Request, ...]]:
    """Requests of each class, all greedy and short."""
    short = Sampling(max_tokens=6)
    alone = (Message("user", "Say 'ü 😀 {{ x }} [[A]]'."),)
    return {
        Chat: (Chat(MESSAGES, short), Chat(alone, short)),
        Text: (Text("The capital of France is", short), Text("1, 2, 3, ", short)),
        NextToken: (NextToken(MESSAGES, ("A", "B")), NextToken(alone, ("1", "2", "3"), top=5)),
        SequenceScore: (SequenceScore(MESSAGES, "Paris."), SequenceScore(alone, "It is a long answer, or not.")),
        Reward: (Reward(MESSAGES, "Paris."), Reward(alone, "No.")),
    }
