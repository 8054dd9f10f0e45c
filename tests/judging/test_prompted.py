"""What judges with a wording of their own are sent, and how their options stand."""

import asyncio
import dataclasses
import hashlib

import pytest

from judgebench import Completion, Item, Response, Sample, Trial
from judgebench.components.judges.listwise import COMPONENT as Listwise
from judgebench.components.judges.logprob import COMPONENT as LogProb
from judgebench.components.judges.rating import COMPONENT as Rating
from judgebench.components.judges.verdict import COMPONENT as Verdict

RESPONSES = (Response(("x",), "a"), Response(("y",), "b"))


def sent(judge, *reference):
    seen = []

    async def ask(model, request, draw=0):
        seen.append(request.messages[-1].content)
        return Sample(model, Completion("[[A]]"))

    asyncio.run(judge(model="m").sample(Trial(Item("1", ("Q?",), reference=reference), RESPONSES, (0, 1)), ask))
    return seen[0]


@pytest.mark.parametrize(
    ("judge", "digest"),
    [
        (Verdict, "563b27514474b37a14e4ae82e1fc511c5c94206dcfdab9aa3fd7a5e062831896"),
        (Listwise, "e29b5798d68a1841636cb14969448075a697d30723d5840a0d116a95003cd511"),
        (LogProb, "11aaaae3ed184f2cfc8cf2b16a034cc189e332b71aff8b765592b0294fe51fdc"),
        (Rating, "476c857cd724122030b5533823c5f6b98ed06db14009230ba96f51bcdd00e157"),
    ],
)
def test_without_a_reference_prompts_are_what_they_were_when_boards_were_recorded(judge, digest):
    """Judgments are cached under their prompts: one byte more, and recorded ones are asked for again."""
    assert hashlib.sha256(sent(judge).encode()).hexdigest() == digest


@pytest.mark.parametrize("judge", [Verdict, Listwise, LogProb, Rating])
def test_a_reference_is_shown_once_between_question_and_answers(judge):
    shown = sent(judge, "Known one.", "Known two.")
    assert shown.count("Known one.\n\nKnown two.") == 1
    assert shown.index("Q?") < shown.index("known to be right") < shown.index("Known one.") < shown.index("x\n")
    start, end = shown.index("known to be right"), shown.index("Known two.") + len("Known two.")
    assert {*shown[:start].splitlines()[:-1], *shown[end:].splitlines()} <= set(sent(judge).splitlines())


@pytest.mark.parametrize(
    ("judge", "first"),
    [
        (Verdict, ["model", "temperature", "top_p", "max_tokens", "system", "template", "parser", "strip_reasoning"]),
        (Listwise, ["model", "temperature", "top_p", "max_tokens", "system", "template", "parser", "strip_reasoning"]),
        (LogProb, ["model", "system", "template"]),
        (Rating, ["model", "least", "most", "temperature", "top_p", "max_tokens", "system", "template", "parser"]),
    ],
)
def test_options_stand_in_their_order(judge, first):
    assert [field.name for field in dataclasses.fields(judge)][: len(first)] == first
