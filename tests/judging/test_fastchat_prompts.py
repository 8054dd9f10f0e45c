"""Files in the form of FastChat's judge_prompts.jsonl: filled as str.format does, and refused where they are wrong."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.core.errors import ConfigError, DataError, VerdictError
from judgebench.core.item import Item, Response, Trial
from judgebench.core.request import Message
from judgebench.judging.fastchat_prompts import FastChatPrompt, read_prompts

PAIR = ("a", "b")


def row(template, name="pair-v2", output="[[A]]", **more):
    return {"name": name, "system_prompt": "", "prompt_template": template, "output_format": output} | more


def write(folder, *rows):
    path = folder / "prompts.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    return str(path)


def read(path, chosen="pair-v2", output="[[A]]", letters=PAIR):
    return read_prompts(path, chosen, output, letters)


def trial(turns=("q",), answers=(("x",), ("y",)), **more):
    responses = tuple(Response(answer, str(number)) for number, answer in enumerate(answers))
    return Trial(Item("1", turns, **more), responses, tuple(range(len(answers))))


pieces = st.sampled_from(["{question}", "{answer_a}", "{answer_b}", "{{", "}}", "{{question}}", "text\n", " "])
anything = st.one_of(st.text(max_size=20), st.sampled_from(["{question}", "{answer_b}", "{", "}}", "\\1"]))


@given(st.lists(pieces, max_size=8).map("".join), anything, anything, anything)
@settings(deadline=None)
def test_a_template_is_filled_as_str_format_does(template, question, first, second):
    values = {"question": question, "answer_a": first, "answer_b": second}
    (filled,) = FastChatPrompt("pair-v2", "", template, "[[A]]").fill(values)
    assert filled == Message("user", template.format(**values))


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{}", r"line 2: 'pair-v2' shows \{\}"),
        ("{0}", r"line 2: 'pair-v2' shows \{0\}"),
        ("{question!r}", r"line 2: 'pair-v2' shows \{question!r\}"),
        ("{question:>9}", r"line 2: 'pair-v2' shows \{question:>9\}"),
        ("{question.x}", r"line 2: 'pair-v2' shows \{question\.x\}"),
        ("{question_1}", r"line 2: 'pair-v2' shows \{question_1\}"),
        ("{ref_answer_1}", r"line 2: 'pair-v2' shows \{ref_answer_1\}"),
        ("{question", "line 2: its template"),
        ("question}", "line 2: its template"),
    ],
)
def test_a_template_that_names_alone_cannot_fill_is_refused_by_its_line(tmp_path, template, why):
    path = write(tmp_path, row("{question}", "other"), row(template))
    with pytest.raises(DataError, match=why) as caught:
        read(path)
    assert caught.value.hint


def test_what_the_judge_has_no_use_for_may_be_of_any_form(tmp_path):
    rows = (row("{", "own"), row("{", "pair-math-v1", "[[rating]]"), row("{question}"))
    assert set(read(write(tmp_path, *rows)).named) == {"pair-v2"}


@pytest.mark.parametrize(
    ("name", "helped", "several"),
    [
        ("pair-v2", False, False),
        ("pair-math-v1", True, False),
        ("pair-v2-multi-turn", False, True),
        ("pair-math-v1-multi-turn", True, True),
    ],
)
def test_each_prompt_may_show_the_fields_of_its_items_alone(tmp_path, name, helped, several):
    own = ["question_1", "question_2", "answer_a_1", "answer_a_2", "answer_b_1", "answer_b_2"]
    own = own if several else ["question", "answer_a", "answer_b"]
    own += ["ref_answer_1", *(["ref_answer_2"] if several else [])] if helped else []
    template = "|".join(f"{{{field}}}" for field in own)
    rows = {"pair-v2": row("{question}"), name: row(template, name)}
    turns = ("q1", "q2") if several else ("q1",)
    answers = (("a1", "a2"), ("b1", "b2")) if several else (("a1",), ("b1",))
    reference = (("r1", "r2") if several else ("r1",)) if helped else ()
    (shown,) = read(write(tmp_path, *rows.values())).messages(trial(turns, answers, reference=reference))
    expected = [field.replace("question", "q" if several else "q1").replace("ref_answer", "r") for field in own]
    expected = [one.replace("answer_", "") for one in expected]
    bare = [one.replace("_", "") if several or one[0] in "qr" else f"{one}1" for one in expected]
    assert shown.content == "|".join(bare)
    rows[name] = row("{answer}", name)
    with pytest.raises(DataError, match=rf"'{name}' shows \{{answer\}}"):
        read(write(tmp_path, *rows.values()))


@pytest.mark.parametrize("missing", ["name", "system_prompt", "prompt_template", "output_format"])
def test_a_row_without_one_of_the_texts_is_no_prompt(tmp_path, missing):
    whole = row("{question}", "pair-math-v1")
    for broken in ({key: value for key, value in whole.items() if key != missing}, whole | {missing: 3}):
        with pytest.raises(DataError, match=r"line 2 is no prompt"):
            read(write(tmp_path, row("{question}"), broken))


def test_a_name_that_comes_twice_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"line 2: a second prompt 'pair-v2'"):
        read(write(tmp_path, row("{question}"), row("{answer_a}")))


def test_the_chosen_prompt_must_be_there_and_ask_for_what_the_judge_reads(tmp_path):
    path = write(tmp_path, row("{question}"), row("{question}", "single-v1", "[[rating]]"))
    with pytest.raises(ConfigError, match="no prompt 'pair-v3'") as caught:
        read(path, "pair-v3")
    assert "pair-v2" in caught.value.hint
    with pytest.raises(ConfigError, match=r"'single-v1' asks for \[\[rating\]\]"):
        read(path, "single-v1")


def test_items_that_such_prompts_cannot_show_whole_are_refused(tmp_path):
    rows = (row("{question}"), row("{question_1}", "pair-v2-multi-turn"))
    prompts = read(write(tmp_path, *rows))
    with pytest.raises(DataError, match="3 turns"):
        prompts.messages(trial(("q",) * 3, (("x",) * 3, ("y",) * 3)))
    with pytest.raises(DataError, match="messages of its own"):
        prompts.messages(trial(context=(Message("user", "before"), Message("assistant", "so"))))
    with pytest.raises(DataError, match="no prompt 'pair-math-v1'"):
        prompts.messages(trial(reference=("r",)))
    with pytest.raises(VerdictError, match="no text for one of the turns"):
        prompts.messages(trial(("q", "r"), (("x", "y"), ("x",))))


def test_the_digest_is_that_of_the_prompts_in_use(tmp_path):
    before = read(write(tmp_path, row("{question}"))).digest
    assert read(write(tmp_path, row("{question}", "own"), row("{question}", description="x"))).digest == before
    assert read(write(tmp_path, row("{question} "))).digest != before
    assert read(write(tmp_path, row("{question}"), row("{question_1}", "pair-v2-multi-turn"))).digest != before
