"""mt-bench-pair and mt-bench-single: our wording and files of FastChat's form, rendered as str.format would."""

import json
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.components.judges.mt_bench import MtBenchPair, MtBenchSingle
from judgebench.core.errors import ConfigError, DataError, VerdictError
from judgebench.core.item import Item, Preference, Response, Sample, Score, Trial
from judgebench.core.request import Completion, Message

ROWS = {
    "pair-v2": "Q {question} / A {answer_a} / B {answer_b} {{kept}}",
    "pair-math-v1": "Q {question} R {ref_answer_1} A {answer_a} B {answer_b}",
    "pair-v2-multi-turn": "{question_1}|{answer_a_1}|{question_2}|{answer_a_2}#{answer_b_1}|{answer_b_2}",
    "pair-math-v1-multi-turn": "{question_1}{ref_answer_1}{question_2}{ref_answer_2}{answer_a_1}{answer_b_2}",
}
SINGLES = {
    "single-v1": "Q {question} A {answer}",
    "single-math-v1-multi-turn": "{question_1} {ref_answer_1} {ref_answer_2} {answer_1} {answer_2}",
}


@pytest.fixture(scope="module")
def prompts(tmp_path_factory):
    path = tmp_path_factory.mktemp("prompts") / "judge_prompts.jsonl"
    rows = [(name, text, "[[A]]", "Be fair.") for name, text in ROWS.items()]
    rows += [(name, text, "[[rating]]", "") for name, text in SINGLES.items()]
    path.write_text(
        "\n".join(
            json.dumps(
                {"name": name, "system_prompt": system, "prompt_template": text, "output_format": form, "type": "x"}
            )
            for name, text, form, system in rows
        )
    )
    return str(path)


def trial(turns=1, reference=(), texts=("five", "three")):
    item = Item("1", tuple(f"q{k}" for k in range(1, turns + 1)), reference=reference)
    answers = tuple(Response(tuple(f"{text}{k}" for k in range(1, turns + 1)), text) for text in texts)
    return Trial(item, answers, tuple(range(len(texts))))


def values(shown, letters):
    """FastChat's own names for what it fills in."""
    several = len(shown.item.turns) > 1
    found = {f"ref_answer_{k}": text for k, text in enumerate(shown.item.reference, 1)}
    for k, text in enumerate(shown.item.turns, 1):
        found[f"question_{k}" if several else "question"] = text
        for letter, response in zip(letters, shown.responses, strict=True):
            name = f"answer_{letter}" if letter else "answer"
            found[f"{name}_{k}" if several else name] = response.turns[k - 1]
    return found


@pytest.mark.parametrize(
    ("turns", "reference", "name"),
    [
        (1, (), "pair-v2"),
        (1, ("r1",), "pair-math-v1"),
        (2, (), "pair-v2-multi-turn"),
        (2, ("r1", "r2"), "pair-math-v1-multi-turn"),
    ],
)
def test_a_pair_is_shown_by_the_prompt_that_fastchat_would_choose(prompts, turns, reference, name):
    shown = trial(turns, reference)
    system, user = MtBenchPair("m", prompts=prompts).messages(shown)
    assert system == Message("system", "Be fair.")
    assert user.content == ROWS[name].format(**values(shown, ("a", "b")))


def test_a_single_answer_is_shown_without_a_system_prompt_where_there_is_none(prompts):
    (user,) = MtBenchSingle("m", prompts=prompts).messages(trial(texts=("five",)))
    assert user.content == "Q q1 A five1"
    shown = trial(2, ("r1", "r2"), ("five",))
    (user,) = MtBenchSingle("m", prompts=prompts).messages(shown)
    assert user.content == SINGLES["single-math-v1-multi-turn"].format(**values(shown, ("",)))


@given(st.text(max_size=30), st.text(max_size=30))
@settings(deadline=None)
def test_texts_with_braces_change_nothing(prompts, first, second):
    shown = Trial(Item("1", ("{answer_b}",)), (Response((first,), "a"), Response((second,), "b")), (0, 1))
    prompt = MtBenchPair("m", prompts=prompts).messages(shown)[1].content
    assert prompt == f"Q {{answer_b}} / A {first} / B {second} {{kept}}"


def test_what_a_file_lacks_is_told(prompts, tmp_path):
    with pytest.raises(DataError, match="no prompt 'single-v1-multi-turn', which item '1' needs"):
        MtBenchSingle("m", prompts=prompts).messages(trial(2, texts=("five",)))
    with pytest.raises(DataError, match="3 turns"):
        MtBenchPair("m", prompts=prompts).messages(trial(3))
    with pytest.raises(DataError, match=r"shows \{ref_answer_2\}"):
        MtBenchPair("m", prompts=prompts).messages(trial(2, ("r1",)))
    with pytest.raises(ConfigError, match="no prompt 'pair-v3'") as caught:
        MtBenchPair("m", prompts=prompts, prompt="pair-v3").fingerprint()
    assert "pair-v2" in caught.value.hint
    with pytest.raises(ConfigError, match="asks for"):
        MtBenchPair("m", prompts=prompts, prompt="single-v1").fingerprint()
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"name": "pair-v2"}\n')
    with pytest.raises(DataError, match=r"bad\.jsonl, line 1 is no prompt"):
        MtBenchPair("m", prompts=str(bad)).fingerprint()


def test_the_prompts_decide_and_not_the_name_of_their_file(prompts, tmp_path):
    copy = tmp_path / "copy.jsonl"
    copy.write_text(Path(prompts).read_text())
    one, other = MtBenchPair("m", prompts=prompts), MtBenchPair("m", prompts=str(copy))
    assert one.fingerprint() == other.fingerprint()
    assert one.fingerprint() != MtBenchPair("m").fingerprint()
    changed = tmp_path / "changed.jsonl"
    changed.write_text(Path(prompts).read_text().replace("Be fair.", "Be kind."))
    assert MtBenchPair("m", prompts=str(changed)).fingerprint() != one.fingerprint()


def test_our_own_wording_shows_whole_dialogues():
    prompt = MtBenchPair("m").messages(trial(2, ("r1", "r2")))[0].content
    assert all(
        text in prompt for text in ("q1", "q2", "five1", "five2", "three1", "three2", "r1", "[[C]]", "last answer")
    )
    assert "last answer" not in MtBenchPair("m").messages(trial())[0].content
    single = MtBenchSingle("m").messages(trial(texts=("five",)))[0].content
    assert "five1" in single
    assert "[[5]]" in single


def sample(text, finish="stop"):
    return Sample("m", Completion(text, finish))


def test_a_pair_is_read_as_fastchat_reads():
    pair = MtBenchPair("m")
    assert pair.read(trial(), [sample("[[B]] or rather [[A]]")]) == Preference((1.0, 0.0), "A")
    assert pair.read(trial(), [sample("[[C]]")]).probs == (0.5, 0.5)
    with pytest.raises(VerdictError):
        pair.read(trial(), [sample("A")])
    with pytest.raises(VerdictError):
        MtBenchPair("m", parser="strict").read(trial(), [sample("[[B]] or rather [[A]]")])


def test_a_rating_is_read_as_fastchat_reads():
    single = MtBenchSingle("m")
    assert single.read(trial(), [sample("Rating: [[7.5]] or [8]"), sample("[3]")]) == Score((7.5, 3.0))
    for text in ("[[11]]", "[[0]]", "seven"):
        with pytest.raises(VerdictError):
            single.read(trial(texts=("five",)), [sample(text)])


def test_options_that_would_be_left_aside_are_refused(prompts):
    for more in ({"system": "Be fair."}, {"template": "own.jinja"}):
        with pytest.raises(ConfigError, match="`prompts` brings the system prompt"):
            MtBenchPair("m", prompts=prompts, **more)
    for judge in (MtBenchPair, MtBenchSingle):
        with pytest.raises(ConfigError, match="'own' is one of a file"):
            judge("m", prompt="own")
    assert MtBenchSingle("m", prompt="single-v1") == MtBenchSingle("m")


def test_a_strict_rating_minds_the_marks_of_its_own_response_alone():
    strict = MtBenchSingle("m", parser="strict")
    shown = trial(texts=("plain", "It is worth [[9]], "))
    assert strict.read(shown, [sample("[[3]], since it is short."), sample("Too sure of itself. [[4]]")]) == Score(
        (3.0, 4.0)
    )
    with pytest.raises(VerdictError, match="may be quoted"):
        strict.read(shown, [sample("[[3]]"), sample("It says [[9]], and so be it.")])


def letter_by_hand(text):
    """FastChat's order of questions: is there an A, else a B, else a C?"""
    return next((letter for letter in "ABC" if f"[[{letter}]]" in text), None)


def rating_by_hand(text):
    """The first number between double brackets, else the first between single ones, walked through place by place."""
    for opening, closing in (("[[", "]]"), ("[", "]")):
        for place in range(len(text)):
            if text.startswith(opening, place):
                inner = text[place + len(opening) :]
                held, found, _ = inner.partition(closing)
                whole, point, part = held.partition(".")
                digits = whole and set(whole) <= set(string.digits) and set(part) <= set(string.digits)
                if found and digits and (point or not part):
                    return float(held)
    return None


MARKS = [
    "[[A]]",
    "[[B]]",
    "[[C]]",
    "[[D]]",
    "[A]",
    "[",
    "]",
    "[[5]]",
    "[[7.5]]",
    "[3]",
    "[[2.]]",
    "[[.5]]",
    "[11]",
    "8 ",
]
marked = st.lists(st.sampled_from(MARKS), max_size=7).map("".join)


@given(marked)
@settings(deadline=None)
def test_any_text_is_the_letter_that_fastchat_finds(text):
    letter = letter_by_hand(text)
    if letter is None:
        with pytest.raises(VerdictError):
            MtBenchPair("m").read(trial(), [sample(text)])
    else:
        assert MtBenchPair("m").read(trial(), [sample(text)]).label == letter


@given(marked)
@settings(deadline=None)
def test_any_text_is_the_rating_that_fastchat_finds_if_it_is_on_the_scale(text):
    rating = rating_by_hand(text)
    shown = trial(texts=("five",))
    if rating is None or not 1 <= rating <= 10:
        with pytest.raises(VerdictError):
            MtBenchSingle("m").read(shown, [sample(text)])
    else:
        assert MtBenchSingle("m").read(shown, [sample(text)]) == Score((rating,))
