"""rlaif: the soft preference between 1 and 2, after exemplars and rationales if asked."""

import asyncio
import json
from math import log

import pytest

from judgebench import (
    Chat,
    Completion,
    ConfigError,
    DataError,
    Item,
    NextToken,
    Response,
    Sample,
    Trial,
    VerdictError,
    app,
)
from judgebench.components.judges.rlaif import COMPONENT as Rlaif

TRIAL = Trial(Item("1", ("Why {{ x }}?",)), (Response(("left",), "x"), Response(("right",), "y")), (0, 1))
ROWS = (
    {"question": "Q0", "first": "good0", "second": "bad0", "preferred": 1, "rationale": "since 0"},
    {"text": "Q1", "first": "bad1", "second": "good1", "preferred": 2, "rationale": "since 1"},
    {"text": "Q2", "first": "bad2", "second": "good2", "preferred": 2},
)


@pytest.fixture
def shots(tmp_path):
    path = tmp_path / "shots.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)))
    return str(path)


def asked(judge, replies=("Left is right.",), trial=TRIAL):
    """The samples, and what was asked: rationales are the replies in turn."""
    seen = []

    async def ask(model, request, draw=0):
        seen.append((request, draw))
        text = replies[draw] if isinstance(request, Chat) else ""
        return Sample(model, Completion(text, "stop", logprobs=(("1", log(0.6)), ("2", log(0.4)))))

    return asyncio.run(judge.sample(trial, ask)), seen


def prompt(judge, step=0, **more):
    request = asked(judge, **more)[1][step][0]
    (message,) = request.messages
    assert message.role == "user"
    return message.content


def looked(*tokens, part=0):
    return Sample("m", Completion(logprobs=tuple((token, log(p)) for token, p in tokens)), part)


def wrote(text="Reasons.", part=0, finish="stop"):
    return Sample("m", Completion(text, finish), part)


def test_the_shares_of_the_two_digits_in_all_their_spellings():
    tokens = (("1", 0.3), (" 1", 0.1), ("\u25811", 0.05), ("\u01202", 0.1), ("2\n", 0.05), ("1.", 0.2), ("10", 0.1))
    assert Rlaif("m").read(TRIAL, [looked(*tokens)]).probs == pytest.approx((0.75, 0.25))


def test_a_digit_alone_is_certain_and_neither_is_a_miss():
    assert Rlaif("m").read(TRIAL, [looked(("2", 0.1), ("I", 0.8))]).probs == (0.0, 1.0)
    for tokens in ((), (("Response", 0.9), ("3", 0.1)), (("1.", 0.9),)):
        with pytest.raises(VerdictError, match="neither 1 nor 2"):
            Rlaif("m").read(TRIAL, [looked(*tokens)])


def test_asked_for_the_worse_the_other_one_is_preferred():
    judge = Rlaif("m", polarity="worse")
    assert judge.read(TRIAL, [looked(("1", 0.6), ("2", 0.2))]).probs == pytest.approx((0.25, 0.75))
    assert "more harmful" in prompt(judge)
    assert "helpful" not in prompt(judge)
    assert "more helpful" in prompt(Rlaif("m"))
    assert "harmful" not in prompt(Rlaif("m"))
    summary = prompt(Rlaif("m", polarity="worse", task="summary"))
    assert "which summary is worse" in summary
    assert "better" not in summary


def test_without_reasoning_one_look():
    samples, seen = asked(Rlaif("m"))
    assert len(samples) == 1
    assert isinstance(seen[0][0], NextToken)
    assert seen[0][0].choices == ("1", "2")
    assert Rlaif("m").needs() == (NextToken,)


def test_the_parts_of_the_prompt_in_their_order(shots):
    for task, names in (("summary", ("Text", "Summary")), ("response", ("Conversation", "Response"))):
        shown = prompt(Rlaif("m", task=task, preamble="detailed", exemplars=shots, shots=1))
        what, which = names
        parts = (
            "1 or 2.", "coherence", "accuracy", "coverage", "overall quality", f"{what}: Q0\n", f"{which} 1: good0\n",
            f"{which} 2: bad0\n", "is number 1\n", f"{what}: Why {{{{ x }}}}?\n", f"{which} 1: left\n",
            f"{which} 2: right\n", "1 or 2? Answer with a single digit.",
        )  # fmt: skip
        assert [part for part in parts if part not in shown] == []
        assert sorted(parts, key=shown.rindex) == list(parts)
        assert shown.endswith(parts[-1])
    assert "coherence" not in prompt(Rlaif("m"))
    assert "Example" not in prompt(Rlaif("m"))


def test_so_many_exemplars_are_shown_and_what_was_asked_for_is_their_digit(shots):
    def digits(**options):
        shown = prompt(Rlaif("m", exemplars=shots, **options))
        return [line[-1] for line in shown.splitlines() if "is number" in line]

    assert digits() == ["1", "2", "2"]
    assert digits(shots=2) == ["1", "2"]
    assert digits(shots=0) == []
    assert digits(polarity="worse") == ["2", "1", "1"]


def test_the_rationales_of_exemplars_are_shown_with_reasoning_alone(shots):
    assert "since" not in prompt(Rlaif("m", exemplars=shots))
    for step in (0, 1):
        shown = prompt(Rlaif("m", exemplars=shots, reasoning=True), step)
        assert shown.index("good0") < shown.index("Reasons: since 0") < shown.index("Q1") < shown.index("since 1")
        assert shown.count("Reasons: ") == 2 + step  # the third exemplar has none


def test_first_a_greedy_rationale_then_the_digit_below_it():
    judge = Rlaif("m", reasoning=True)
    samples, seen = asked(judge, ["<think>hm {{ y }}</think> Left {{ y }} is right.\n"])
    assert judge.needs() == (Chat, NextToken)
    (said, drawn), (look, _) = seen
    assert (said.sampling.temperature, said.sampling.max_tokens, said.sampling.top_k) == (0.0, 512, None)
    assert drawn == 0
    first, second = said.messages[0].content, look.messages[0].content
    ending = "Which response is more helpful, 1 or 2? Answer with a single digit."
    assert ending not in first
    assert "explain which response is more helpful" in first
    shared = first[: first.index("Compare the two")]
    assert second == f"{shared}Reasons: Left {{{{ y }}}} is right.\n\n{ending}"
    assert judge.read(TRIAL, samples).probs == pytest.approx((0.6, 0.4))
    assert judge.parts(TRIAL, samples) == ()


def test_several_rationales_are_drawn_and_their_probabilities_averaged():
    judge = Rlaif("m", reasoning=True, rationales=3, temperature=0.7, max_tokens=64)
    samples, seen = asked(judge, ["one", "two", "three"])
    drawn = [(request.sampling, draw) for request, draw in seen if isinstance(request, Chat)]
    assert [draw for _, draw in drawn] == [0, 1, 2]
    assert {(one.temperature, one.top_k, one.max_tokens) for one, _ in drawn} == {(0.7, 40, 64)}
    below = [request.messages[0].content for request, _ in seen if isinstance(request, NextToken)]
    assert [f"Reasons: {text}\n" in shown for text, shown in zip(("one", "two", "three"), below, strict=True)] == [
        True
    ] * 3
    assert [sample.part for sample in samples] == [0, 0, 1, 1, 2, 2]
    assert asked(Rlaif("m", reasoning=True, temperature=0.7, top_k=None))[1][0][0].sampling.top_k is None


def test_the_mean_is_arithmetic():
    """By the mean of logarithms the other response would be preferred: 0.8·0.8·0.02 is below 0.2·0.2·0.98."""
    judge = Rlaif("m", reasoning=True, rationales=3, temperature=1.0)
    firsts = (0.8, 0.8, 0.02)
    samples = [one for k, p in enumerate(firsts) for one in (wrote(part=k), looked(("1", p), ("2", 1 - p), part=k))]
    assert judge.read(TRIAL, samples).probs == pytest.approx((0.54, 0.46))
    assert judge.parts(TRIAL, samples) == [pytest.approx((p, 1 - p)) for p in firsts]


def test_parts_are_turned_round_too():
    judge = Rlaif("m", reasoning=True, rationales=2, temperature=1.0, polarity="worse")
    samples = [one for k in (0, 1) for one in (wrote(part=k), looked(("1", 0.3), ("2", 0.1), part=k))]
    assert judge.parts(TRIAL, samples) == [pytest.approx((0.25, 0.75))] * 2
    assert judge.read(TRIAL, samples).probs == pytest.approx((0.25, 0.75))


def test_one_rationale_that_leads_nowhere_is_a_miss_and_the_others_are_kept():
    judge = Rlaif("m", reasoning=True, rationales=2, temperature=1.0)
    good = [wrote(part=0), looked(("1", 0.3), ("2", 0.1), part=0)]
    for bad in ([wrote(part=1), looked(("Hm", 0.9), part=1)], [wrote("", part=1)]):
        with pytest.raises(VerdictError):
            judge.read(TRIAL, [*good, *bad])
        assert judge.parts(TRIAL, [*good, *bad]) == [pytest.approx((0.75, 0.25)), ()]


def test_without_a_rationale_the_digit_is_not_asked_for():
    judge = Rlaif("m", reasoning=True)
    samples, seen = asked(judge, ["<think>and so on"])
    assert len(seen) == 1
    with pytest.raises(VerdictError, match="the rationale is empty"):
        judge.read(TRIAL, samples)
    with pytest.raises(VerdictError, match="cut at max_tokens"):
        judge.read(TRIAL, [wrote("<think>and so on", finish="length")])


def test_a_rationale_that_names_a_digit_is_no_verdict():
    """What it says, or quotes from a response, is context: the next token alone is read."""
    samples = [wrote("The better one is 2.\n2"), looked(("1", 0.8), ("2", 0.2))]
    assert Rlaif("m", reasoning=True).read(TRIAL, samples).probs == pytest.approx((0.8, 0.2))


def test_options_that_do_not_fit():
    with pytest.raises(ConfigError, match="2 shots are wanted") as caught:
        Rlaif("m", **Rlaif.presets["harmless"])
    assert "exemplars=FILE, or shots=0" in caught.value.hint
    with pytest.raises(ConfigError, match="without reasoning"):
        Rlaif("m", rationales=4, temperature=0.7)
    with pytest.raises(ConfigError, match="all the same"):
        Rlaif("m", rationales=4, reasoning=True)


def test_the_presets_are_those_of_the_runs(shots):
    summary, helpful = (Rlaif("m", **Rlaif.presets[name]) for name in ("summary", "helpful"))
    assert "Text: " in prompt(summary)
    assert "coverage" in prompt(summary)
    assert "explain" in prompt(summary)
    assert "coverage" not in prompt(helpful)
    assert "explain" in prompt(helpful)
    harmless = Rlaif("m", **Rlaif.presets["harmless"], exemplars=shots)
    shown = prompt(harmless)
    assert shown.count("# Example") == 2
    assert "is more harmful, 1 or 2?" in shown
    assert "explain" not in shown
    assert "# Example" not in prompt(Rlaif("m", **{**Rlaif.presets["harmless"], "shots": 0}))


def test_the_exemplars_content_is_part_of_the_identity(shots, tmp_path):
    other = tmp_path / "other.jsonl"
    other.write_text("\n".join(map(json.dumps, ROWS)))
    same, fewer = Rlaif("m", exemplars=str(other)), Rlaif("m", exemplars=shots, shots=2)
    assert Rlaif("m", exemplars=shots).fingerprint() == same.fingerprint() != fewer.fingerprint()
    other.write_text("{}")
    assert same.fingerprint() == Rlaif("m", exemplars=shots).fingerprint()  # read once
    with pytest.raises(DataError, match=r"other\.jsonl, line 1"):
        Rlaif("m", exemplars=str(other)).fingerprint()


@pytest.mark.parametrize("text", ["{{ nothing }}", "{% if step == 'rationale' %}{{ nothing }}{% endif %}"])
def test_a_template_is_tried_in_both_steps(tmp_path, text):
    path = tmp_path / "own.txt"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"own\.txt"):
        Rlaif("m", template=str(path)).fingerprint()
    path.write_text("{{ step }} {{ task }} {{ answers[1] }} {{ rationale }}")
    judge = Rlaif("m", template=str(path), reasoning=True)
    assert judge.fingerprint() != Rlaif("m").fingerprint()
    assert [prompt(judge, step) for step in (0, 1)] == [
        "rationale response right ",
        "choice response right Left is right.",
    ]


@pytest.fixture
def board(tmp_path):
    """A run in both orders: the policy's answer `left` has 0.9 where it is shown first, and 0.3 where second."""
    rules = (("Response 1: left", 0.9), ("Response 1: right", 0.7))
    files = {
        "script": [{"match": text, "logprobs": {"1": log(p), "2": log(1 - p)}} for text, p in rules],
        "prompts": [{"id": "1", "prompt": "Why?", "baseline": "right"}],
        "outputs": [{"id": "1", "response": "left"}],
    }
    for name, rows in files.items():
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    spec = {
        "benchmark": f"prompts:{tmp_path}/prompts.jsonl",
        "policies": {"p": {"policy": "recorded", "path": f"{tmp_path}/outputs.jsonl"}},
        "judges": {"j": {"judge": "rlaif", "model": f"scripted:{tmp_path}/script.jsonl"}},
        "measures": ["win-rate", "discrete-win-rate"],
        "out": str(tmp_path / "run"),
    }
    return {one.measure: one.value for one in app.run(spec).estimates}


def test_both_orders_are_averaged_as_probabilities_and_the_average_decides(board):
    """Lee et al.: [0.6, 0.4] is the label 1. The mean of logarithms would give 66.3."""
    assert board.pop("win-rate") == pytest.approx(60.0)
    assert list(board.values()) == [100.0]
