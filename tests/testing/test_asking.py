import asyncio

import pytest

from judgebench import Chat, Message, NextToken, RequestError, Reward, Sampling, SequenceScore, Text
from judgebench.components.backends.scripted import Scripted
from judgebench.testing import Answering, Asked, Asking

MESSAGES = (Message("user", "Which is better?"),)
CHAT = Chat(MESSAGES)


def ask(asking, *requests, **words):
    async def all_of_them():
        return [await asking("m", request, **words) for request in requests]

    return asyncio.run(all_of_them())


def test_it_remembers_what_it_was_asked():
    asking = Asking()
    (sample,) = ask(asking, CHAT, draw=3)
    assert asking.asked == [Asked("m", CHAT, 3)]
    assert sample.model == "m"
    assert sample.completion.finish == "stop"


def test_every_class_of_requests_is_answered_equal_ones_alike():
    requests = [
        CHAT,
        Text("Which?"),
        NextToken(MESSAGES, ("A", "B"), top=2),
        SequenceScore(MESSAGES, "x y"),
        Reward(MESSAGES, "x"),
    ]
    first, again = ask(Asking(), *requests), ask(Asking(), *requests)
    assert first == again
    chat, text, token, score, reward = (sample.completion for sample in first)
    assert chat.text
    assert text.text
    values = [value for _, value in token.logprobs]
    assert values == sorted(values, reverse=True)
    assert len(values) == 2
    assert max(values) < 0
    assert token.text == token.logprobs[0][0]
    assert score.score < 0
    assert score.usage.output_tokens == 2
    assert -5 <= reward.score <= 5


def test_other_requests_are_answered_otherwise():
    texts = {sample.text for sample in ask(Asking(), *(Text(f"Which? {n}") for n in range(200)))}
    assert len(texts) == len(Answering().replies)


def test_draws_of_one_request_differ_as_in_a_run():
    drawn = Chat(MESSAGES, Sampling(temperature=1.0))
    asking = Asking(replies=[f"reply {n}" for n in range(50)])
    texts = [ask(asking, drawn, draw=draw)[0].text for draw in (0, 0, 1, 2)]
    assert texts[0] == texts[1]
    assert len(set(texts)) == 3
    assert len({ask(asking, CHAT, draw=draw)[0].text for draw in range(5)}) == 1


def test_replies_take_the_place_of_the_usual_ones():
    assert ask(Asking(replies=["[[A]]"]), CHAT)[0].text == "[[A]]"


def test_a_backend_or_a_session_answers_in_its_place():
    assert ask(Asking(Scripted(default="from a script")), CHAT)[0].text == "from a script"
    assert ask(Asking(Answering(("from a session",))), CHAT)[0].text == "from a session"


def test_calls_fail_by_their_number():
    error = RequestError("too long")
    asking = Asking(fails={2: error})
    ask(asking, CHAT)
    with pytest.raises(RequestError) as raised:
        ask(asking, CHAT)
    assert raised.value is error
    ask(asking, CHAT)
    with pytest.raises(RequestError, match="any"):
        ask(Asking(fails={0: RequestError("any")}), CHAT)


def test_calls_wait_by_their_number_until_they_are_cancelled():
    async def work():
        asking = Asking(waits=[2])
        await asking("m", CHAT)
        assert not asking.waiting.is_set()
        task = asyncio.ensure_future(asking("m", CHAT))
        await asking.waiting.wait()
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(work())
