"""listwise: the best of k."""

import asyncio

import pytest

from judgebench import Completion, Item, Preference, Response, Sample, Trial, VerdictError
from judgebench.components.judges.listwise import COMPONENT as Listwise


def trial(k):
    responses = tuple(Response((f"answer number {n}",), str(n)) for n in range(k))
    return Trial(Item("1", ("Which?",)), responses, tuple(range(k)))


def test_all_answers_are_shown_under_their_letters():
    seen = []

    async def ask(model, request, draw=0):
        seen.append(request.messages[-1].content)
        return Sample(model, Completion("[[C]]"))

    samples = asyncio.run(Listwise(model="m").sample(trial(4), ask))
    assert len(samples) == 1
    assert "4 answers" in seen[0]
    assert all(f"# Answer {letter}\nanswer number {n}\n" in seen[0] for n, letter in enumerate("ABCD"))


def read(text, k=4, **options):
    return Listwise(model="m", **options).read(trial(k), [Sample("m", Completion(text, "stop"))])


def test_the_letter_gets_all_of_the_probability():
    assert read("it is [[C]]") == Preference((0.0, 0.0, 1.0, 0.0), "C")
    assert read("[[B]] over [[A]]", parser="rewardbench").label == "A"


@pytest.mark.parametrize("text", ["[[E]]", "[[A]] [[B]]", "none"])
def test_no_letter_of_the_k_is_a_miss(text):
    with pytest.raises(VerdictError):
        read(text)
    assert read("[[E]]", k=5).label == "E"


def test_it_takes_as_many_responses_as_there_are_letters():
    assert Listwise.responses == (2, 26)
