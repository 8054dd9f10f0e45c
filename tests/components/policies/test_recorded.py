import asyncio
import gzip
import json
import os
from pathlib import Path

import pytest

from judgebench import DataError, Item
from judgebench.components.policies.recorded import COMPONENT as Recorded

DATA = Path(os.environ.get("JUDGEBENCH_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
real = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded data of public benchmarks is not here")


def ask(*args):
    raise AssertionError("a recorded policy asks nobody")


def answer(path, item):
    policy = Recorded(path=str(path))
    policy.fingerprint()
    return asyncio.run(policy.respond(item, ask))


def lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


FORMS = {
    "plain": {"id": "7", "response": "yes"},
    "plain by prompt": {"prompt": "q", "output": "yes"},
    "alpaca_eval": {"instruction": "q", "output": "yes", "generator": "g"},
    "mt-bench": {"question_id": 7, "choices": [{"index": 0, "turns": ["yes"]}]},
    "arena-hard v0.1": {"question_id": "7", "choices": [{"turns": [{"content": "yes", "token_len": 1}]}]},
    "arena-hard v2.0": {
        "uid": "7",
        "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": {"answer": "yes"}}],
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_every_known_form_is_read(form, tmp_path):
    path = lines(tmp_path / "a.jsonl", FORMS[form])
    assert answer(path, Item("7", ("q",))).turns == ("yes",)
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert answer(packed, Item("7", ("q",))).turns == ("yes",)


def test_what_is_missing_is_said(tmp_path):
    path = lines(tmp_path / "a.jsonl", {"id": "7", "response": ["one"]})
    with pytest.raises(LookupError, match=r"no answer in a\.jsonl"):
        answer(path, Item("8", ("other",)))
    with pytest.raises(LookupError, match="1 turns are recorded, 2 were asked"):
        answer(path, Item("7", ("q", "r")))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ('{"id": "1", "response": "x"}\n{"id": ', "line 2"),
        ('{"id": "1"}', "no answer that can be read"),
        ('{"response": "x"}', "names no item"),
        ('{"id": "1", "response": "x"}\n{"id": "1", "response": "y"}', "second time"),
        ("[1]", "no JSON object"),
        (
            '{"id": "1", "prompt": "p", "response": "x"}\n{"id": "1", "prompt": "q", "response": "x"}',
            "line 2 has another prompt for '1'",
        ),
    ],
)
def test_bad_files_are_errors_that_name_the_place(text, complaint, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    with pytest.raises(DataError, match=complaint) as caught:
        Recorded(path=str(path)).fingerprint()
    assert caught.value.hint


def test_the_identity_is_the_content_not_the_path(tmp_path):
    one = lines(tmp_path / "one.jsonl", FORMS["plain"], {"id": "8", "response": "no"})
    two = lines(tmp_path / "two.jsonl", {"id": "8", "response": "no"}, FORMS["plain"])
    other = lines(tmp_path / "other.jsonl", FORMS["plain"])
    assert Recorded(str(one)).fingerprint() == Recorded(str(two)).fingerprint() != Recorded(str(other)).fingerprint()


@real
def test_real_alpaca_eval_outputs():
    path = DATA / "alpaca_eval_2/model_outputs/gemma-2b-it.json.gz"
    rows = json.loads(gzip.decompress(path.read_bytes()))
    assert len(rows) == 805
    for row in rows[:50]:
        assert answer(path, Item("no such id", (row["instruction"],))).turns == (row["output"],)


@real
def test_real_arena_hard_and_mt_bench_answers():
    path = DATA / "arena_hard/v0.1/model_answer/gemma-2b-it.jsonl.gz"
    first = json.loads(gzip.decompress(path.read_bytes()).splitlines()[0])
    expected = first["choices"][0]["turns"][0]["content"]
    assert answer(path, Item(first["question_id"], ("?",))).turns == (expected,)
    path = DATA / "mt_bench/model_answer/vicuna-13b-v1.2.jsonl.gz"
    assert len(answer(path, Item("81", ("?", "?"))).turns) == 2


def test_a_row_with_id_and_prompt_answers_only_that_prompt(tmp_path):
    path = lines(tmp_path / "a.jsonl", {"id": "7", "prompt": "q\n", "response": "yes"})
    assert answer(path, Item("7", (" q",))).turns == ("yes",)
    assert answer(path, Item("other id", ("q\n",))).turns == ("yes",)
    with pytest.raises(LookupError, match="the recorded prompt differs"):
        answer(path, Item("7", ("another",)))


def test_an_id_that_is_null_is_none(tmp_path):
    path = lines(tmp_path / "a.jsonl", *({"id": None, "prompt": prompt, "response": prompt} for prompt in "qr"))
    assert answer(path, Item("None", ("r",))).turns == ("r",)


def test_a_file_that_changed_is_another_but_not_amid_a_run(tmp_path):
    path = lines(tmp_path / "a.jsonl", {"id": "7", "response": "old"})
    item = Item("7", ("q",))
    begun = Recorded(str(path))
    before = begun.fingerprint()
    lines(path, {"id": "7", "response": "new"})
    os.utime(path, ns=(1, 1))
    assert answer(path, item).turns == ("new",)
    assert Recorded(str(path)).fingerprint() != before
    assert asyncio.run(begun.respond(item, ask)).turns == ("old",)
    path.unlink()
    with pytest.raises(DataError, match="No such file"):
        Recorded(str(path)).fingerprint()
