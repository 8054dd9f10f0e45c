import asyncio

import pytest

from judgebench import Completion, Item, Message, Sample, Text
from judgebench.components.policies.chat import COMPONENT as Chat


def answer(policy, item, *texts):
    """The response when the model says these texts in turn, and the requests it saw."""
    seen, replies = [], iter(texts)

    async def ask(model, request, draw=0):
        seen.append(request)
        text = next(replies)
        return Sample(model, text if isinstance(text, Completion) else Completion(text, "stop"))

    return asyncio.run(policy.respond(item, ask)), seen


def test_each_turn_sees_the_answers_before_it():
    item = Item("1", ("one", "two", "three"), context=(Message("system", "S"),))
    response, seen = answer(Chat(model="m"), item, "1", "2", "3")
    assert response.turns == ("1", "2", "3")
    assert [m.content for m in seen[2].messages] == ["S", "one", "1", "two", "2", "three"]
    assert [m.role for m in seen[1].messages] == ["system", "user", "assistant", "user"]


def test_generation_settings_reach_the_request():
    policy = Chat(model="m", system="Sys", temperature=0.7, top_p=0.9, max_tokens=5, stop=("x",))
    _, seen = answer(policy, Item("1", ("q",)), "a")
    sampling = seen[0].sampling
    assert seen[0].messages[0] == Message("system", "Sys")
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens, sampling.stop) == (0.7, 0.9, 5, ("x",))


@pytest.mark.parametrize(
    ("own", "features", "expected"),
    [
        (None, {}, 0.0),
        (None, {"temperature": 0.7}, 0.7),
        (0.3, {"temperature": 0.7}, 0.3),
        (0.0, {"temperature": 0.7}, 0.0),
    ],
)
def test_the_items_temperature_holds_where_the_policy_has_none(own, features, expected):
    _, seen = answer(Chat(model="m", temperature=own), Item("1", ("q", "r"), features=features), "a", "b")
    assert [request.sampling.temperature for request in seen] == [expected] * 2


def test_finish_reasons_are_kept_turn_by_turn():
    response, _ = answer(Chat(model="m"), Item("1", ("q", "r")), Completion("cut", "length"), Completion("ok", "stop"))
    assert response.finish == ("length", "stop")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<think>hm\nhm</think>\n\nyes", "yes"),
        ("hm</think>yes", "yes"),
        ("<think>never ends", ""),
        ("2 < 3 and <b>bold</b>", "2 < 3 and <b>bold</b>"),
    ],
)
def test_reasoning_is_no_part_of_the_answer(said, kept):
    assert answer(Chat(model="m"), Item("1", ("q",)), said)[0].turns == (kept,)
    assert answer(Chat(model="m", strip_reasoning=()), Item("1", ("q",)), said)[0].turns == (said,)


def test_a_chat_template_of_ones_own_makes_raw_text(tmp_path):
    file = tmp_path / "chatml.jinja"
    file.write_text(
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    policy = Chat(model="m", chat_template=str(file))
    assert policy.needs() == (Text,)
    assert policy.fingerprint()["chat_template"]
    _, seen = answer(policy, Item("1", ("q",)), "a")
    assert seen[0].prompt == "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\n"
