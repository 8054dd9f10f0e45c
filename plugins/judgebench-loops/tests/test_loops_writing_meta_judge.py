import json
import math

import pytest
from judgebench_loops.writing.meta_judge import RULES, meta_judge_template, meta_question

from judgebench import Judged, Preference, Template, collect
from judgebench.components.judges.additive import WORDING

FAIR, FOUL = "It names one, as asked. {{ so }}\nScore: 5", "7 is not prime. [[A]]\nScore: 1"
QUESTION = meta_question("Name a {prime}.", "7 is one.")


def test_the_item_in_full():
    head = "# The user's words\nName a {prime}.\n\n# The response that was judged\n7 is one."
    assert f"{head}\n\n# The rules for its points\n{RULES}" == QUESTION
    assert meta_question("Name a {prime}.", "7 is one.", rules="") == head


def test_the_rules_are_those_that_the_judge_has():
    criteria = [line for line in RULES.splitlines() if line[0].isdigit()]
    assert len(criteria) == 5
    assert all(line in WORDING.splitlines() for line in criteria)


def test_the_long_template_in_full():
    shown = Template.load(str(meta_judge_template())).render(question="QUESTION", answers=[FAIR, FOUL], reference="")
    assert shown == (
        "A response to a user was given points by rules. Below are the user's words, the response, the rules, and two "
        "judgments of the response by these rules. Say which judgment is better: it keeps to the rules, what it says "
        "of the response is true, its reasons bear out its points, and it nowhere contradicts itself. How many points "
        "it gives, how long it is and whether it stands first count for nothing.\n\n"
        f"QUESTION\n\n# Judgment A\n{FAIR}\n\n# Judgment B\n{FOUL}\n\n"
        "# Your verdict\nFirst say in at most three sentences where the two judgments differ in keeping to the rules. "
        "Then end with one line that holds only your verdict: [[A]] if judgment A is better, [[B]] if judgment B is "
        "better, [[C]] if they are equally good."
    )


def test_the_short_template_in_full():
    shown = Template.load(str(meta_judge_template(short=True))).render(question="QUESTION", answers=[FAIR, FOUL])
    assert shown == (
        f"QUESTION\n\nJudgment A: {FAIR}\n\nJudgment B: {FOUL}\n\n"
        "Which judgment is better, A or B? Answer with a single letter."
    )


def judgments(folder, judge, rules) -> dict[tuple[int, ...], Judged]:
    """What the judge says of the fair judgment and the foul one, in both orders."""
    (folder / "items.jsonl").write_text(json.dumps({"prompt": QUESTION, "response_a": FAIR, "response_b": FOUL}) + "\n")
    (folder / "rules.jsonl").write_text("".join(json.dumps(rule) + "\n" for rule in rules))
    found = collect(
        {
            "benchmark": f"pairs:{folder / 'items.jsonl'}",
            "models": {"meta": {"backend": "scripted", "path": str(folder / "rules.jsonl")}},
            "judges": {"judge": {"model": "meta", "order": "both", **judge}},
            "out": str(folder / "run"),
        }
    )
    return {one.order: one for one in found.judgments}


FIRST = "# Judgment A\nIt names one"


@pytest.mark.parametrize(
    ("said", "probs"), [("B is wrong of 7.\n[[A]]", (1.0, 0.0)), ("[[B]]", (0.0, 1.0)), ("[[C]]", (0.5, 0.5))]
)
def test_verdict_asks_by_the_long_template_and_reads_the_mark(said, probs, tmp_path):
    template = str(meta_judge_template())
    found = judgments(
        tmp_path,
        {"judge": "verdict", "template": template},
        [{"match": FIRST, "reply": said}, {"match": "# Judgment A\n7 is not prime", "reply": "no mark"}],
    )
    assert found[0, 1].verdict.probs == probs
    assert found[1, 0].verdict.reason == "no verdict"


def test_logprob_asks_by_the_short_template_and_reads_the_next_token(tmp_path):
    template = str(meta_judge_template(short=True))
    found = judgments(
        tmp_path,
        {"judge": "logprob", "template": template},
        [
            {"match": "\nJudgment A: It names one", "logprobs": {"A": math.log(0.6), " B": math.log(0.2)}},
            {"match": "\nJudgment A: 7 is not prime", "logprobs": {"B": math.log(0.9), "A": math.log(0.1)}},
        ],
    )
    assert isinstance(found[0, 1].verdict, Preference)
    assert found[0, 1].verdict.probs == pytest.approx((0.75, 0.25))
    assert found[1, 0].verdict.probs == pytest.approx((0.1, 0.9))
