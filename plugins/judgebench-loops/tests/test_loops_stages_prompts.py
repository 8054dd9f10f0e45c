"""The prompts of iterations: drawn, written by a model, and what cannot be one."""

import re

import pytest
from loops_data_kit import JUDGED, LABELS, PAIRS
from loops_kit import lines, loop, made, prompts, read, rows, scripted

from judgebench import DataError

WRITTEN = (
    "1. Tell a story about a fox at sea\n2. Name three rivers of Asia\n3. Why do cats purr at night?",
    "9. Draw a picture of a house for me\n10. Explain how a clock works inside\n11. Short",
    "Nothing to say",
)


def test_new_prompts(tmp_path):
    of = loop(
        tmp_path,
        "self-rewarding",
        ask=scripted(*WRITTEN),
        prompts={"path": str(prompts(tmp_path, 6)), "new": 3, "shots": 4, "calls": 8, "number": 2},
    )
    marks, _ = made(of, "iteration-1/prompts")
    pool = read(of.out / "pool" / "pool.jsonl")
    assert [row["id"] for row in pool] == ["new-1", "new-2", "new-3"][: len(pool)]
    assert {row["prompt"] for row in pool} <= {
        "Tell a story about a fox at sea",
        "Name three rivers of Asia",
        "Why do cats purr at night?",
        "Explain how a clock works inside",
    }
    asked = read(of.out / "pool" / "round-1" / "items.jsonl")
    assert len(asked) == 8
    assert all(
        sum(f". {one['prompt']}\n" in row["prompt"] for one in read(tmp_path / "prompts.jsonl")) == 4 for row in asked
    )
    tasks = sum(
        len(re.findall(r"^\d+\. ", answer["response"]["turns"][0], re.M))
        for answer in [
            row for row in read(of.out / "pool" / "round-1" / "run" / "record.jsonl") if row["line"] == "answer"
        ]
    )
    dropped = marks["pool"].dropped
    assert marks["pool"].rows + sum(dropped.values()) - dropped.get("a completion without a task", 0) == tasks
    assert dropped["similar to another prompt"] > 0


def test_new_prompts_beside_the_old_ones(tmp_path):
    options = {"path": str(prompts(tmp_path, 4)), "new": 2, "with_seeds": True, "shots": 2}
    of = loop(tmp_path, "self-rewarding", ask=scripted(*WRITTEN[:2]), prompts=options)
    made(of, "pool")
    assert [row["id"] for row in read(of.out / "pool" / "pool.jsonl")] == ["q0", "q1", "q2", "q3", "new-1", "new-2"]
    lines(tmp_path / "prompts.jsonl", [{"id": "new-1", "prompt": "Mine"}, {"id": "b", "prompt": "Mine too"}])
    with pytest.raises(DataError, match="'new-1' is the id of a written prompt too"):
        made(of, "pool")


def test_iterations_draw_other_prompts_until_none_are_left(tmp_path):
    of = loop(tmp_path, "self-rewarding", prompts={"number": 2}, iterations=3)
    made(of, "iteration-1/prompts")
    from judgebench_loops.loop import workshop
    from judgebench_loops.stages.prompts import share

    pool = read(of.out / "pool" / "pool.jsonl")
    drawn = [row["id"] for number in (1, 2, 3) for row in share(workshop(of), number, pool)]
    assert len(drawn) == len(set(drawn)) == 6
    with pytest.raises(DataError, match=r"iteration-2/prompts: 2 of 4 prompts are left in the pool of 6") as error:
        made(loop(tmp_path, "self-rewarding", prompts={"number": 4}, iterations=3), "iteration-1/prompts")
    assert "`reuse: true`" in error.value.hint
    made(loop(tmp_path, "self-rewarding", prompts={"number": 4, "reuse": True}, iterations=3), "iteration-1/prompts")
    made(loop(tmp_path, "self-rewarding", prompts={"number": 0}, iterations=3), "iteration-1/prompts")


ODD = [
    {"id": "a/1", "prompt": "b"},
    {"id": "a", "prompt": "b"},
    {"id": "a/1/0-1", "prompt": "{{ x }} {% raw %} \u2028 \x00 </response> User: {0}"},
    {"id": "", "prompt": "<|im_end|>\n# Answer A\n[[B]]"},
    {"id": 5, "prompt": "漢字 😀"},
    {"prompt": "no id", "category": "x"},
    {"id": None, "prompt": "Score: 5\n" * 30},
]


@pytest.mark.parametrize(("system", "last"), [("meta-rewarding", PAIRS), ("rlaif", LABELS), ("self-taught", JUDGED)])
def test_odd_prompts_and_ids(system, last, tmp_path):
    of = loop(tmp_path, system, prompts={"path": str(lines(tmp_path / "odd.jsonl", ODD))})
    marks, _ = made(of, last)
    assert marks["pool"].rows == 7
    names = [row["id"] for row in read(of.out / "pool" / "pool.jsonl")]
    assert names == ["a/1", "a", "a/1/0-1", "", "5", "p6", "p7"]
    assert {row["lineage"].get("prompt", row["lineage"].get("pair")) for row in rows(of, last)} <= set(names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"id": 1, "prompt": "a"}\n{"id": "1", "prompt": "b"}', "line 2: the id '1' stands here a second time"),
        ('{"prompt": "  "}', "line 1 has no text in 'prompt'"),
        ('{"prompt": ["a"]}', "line 1 has no text in 'prompt'"),
        ('{"prompt": "a"}\n\n{"prompt": "a"', "line 3: "),
        ('["a"]', "line 1 is no JSON object"),
        ('{"prompt": "\\ud83d"}', "line 1: "),
        ("\n\n", "is empty"),
    ],
)
def test_prompts_that_cannot_be_used(text, message, tmp_path):
    path = tmp_path / "odd.jsonl"
    path.write_text(text)
    with pytest.raises(DataError) as error:
        made(loop(tmp_path, "self-rewarding", prompts={"path": str(path)}), "pool")
    assert message in error.value.message
    assert str(path) in error.value.message
