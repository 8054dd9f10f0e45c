import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judgebench_loops.kept import added
from judgebench_loops.writing.new_prompts import Filter, few_shot, numbered, parse
from judgebench_loops.writing.rouge import rouge_l

from judgebench import ConfigError, DataError, build

SEEDS = [f"Seed task {k}" for k in range(10)]
GENERATED = [f"Made task {k}" for k in range(5)]


def shown(message):
    """The tasks of a message, by its own form."""
    return parse(message[message.index("1. ") :].partition("\n\n")[0], "stop")


def test_the_message_in_full():
    message = few_shot(
        ["Name\n a  prime.", "Sing."], ["Count."], shots=3, from_generated=1, more=4, rng=random.Random(0)
    )
    listed = numbered(shown(message))
    assert sorted(shown(message)) == ["Count.", "Name a prime.", "Sing."]
    assert message == (
        "Below are tasks that people gave to an assistant.\n\n" + listed + "\n\n"
        "Write 4 more tasks, numbered from 4 to 7 in the same form. Each is about something else than those above, "
        "asks for another kind of work, and can be done by writing text alone. Write each task on one line, and "
        "nothing but the tasks."
    )


def test_six_seeds_and_two_that_models_wrote_are_shown_in_a_random_order():
    messages = [few_shot(SEEDS, GENERATED, rng=random.Random(seed)) for seed in range(30)]
    for message in messages:
        assert sum(task.startswith("Seed") for task in shown(message)) == 6
        assert sum(task.startswith("Made") for task in shown(message)) == 2
        assert len(set(shown(message))) == 8
        assert "Write 8 more tasks, numbered from 9 to 16" in message
    assert {k for message in messages for k, task in enumerate(shown(message)) if task.startswith("Made")} == set(
        range(8)
    )
    assert messages[0] == few_shot(SEEDS, GENERATED, rng=random.Random(0))


@pytest.mark.parametrize(("generated", "seeds"), [([], 8), (GENERATED[:1], 7), (GENERATED, 6)])
def test_seeds_fill_what_models_did_not_write(generated, seeds):
    tasks = shown(few_shot(SEEDS, generated, rng=random.Random(1)))
    assert (len(tasks), sum(task.startswith("Seed") for task in tasks)) == (8, seeds)


def test_too_few_seeds_are_an_error():
    with pytest.raises(DataError, match="6 seed prompts are to be shown, and there are 5") as error:
        few_shot(SEEDS[:5], GENERATED, rng=random.Random(1))
    assert "fewer shots" in error.value.hint


TASKS = st.lists(st.text().map(lambda text: " ".join(text.split())).filter(bool), max_size=6)


@given(TASKS)
def test_what_is_numbered_is_read(tasks):
    assert parse(numbered(tasks), "stop") == tasks
    assert parse(numbered(tasks), "length") == tasks[:-1]
    assert parse("Here they are:\n\n" + numbered(tasks), None) == tasks


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("9. One\n10. Two\n", ["One", "Two"]),
        ("Sure!\n  9) One\n\n 10) Two", ["One", "Two"]),
        ("**1.** One\n**2.** Two", ["One", "Two"]),
        ("**1:** One\n**2**. Two", ["One\n**2**. Two"]),
        ("9. Do these:\n1. a\n2. b\n10. Two", ["Do these:\n1. a\n2. b", "Two"]),
        ("9. One\n11. Three", ["One\n11. Three"]),
        ("9. \n10. Two", ["Two"]),
        ("9. One\r\n10. Two\r\n", ["One", "Two"]),
        ("Write a poem.", []),
        ("", []),
    ],
)
def test_forms_of_lists(text, tasks):
    assert parse(text, "stop") == tasks


@given(st.text(alphabet=st.sampled_from("12.) *\na"), max_size=40), st.sampled_from(["stop", "length", None]))
def test_any_text_gives_tasks_without_blanks_around_them(text, finish):
    assert all(task and task == task.strip() for task in parse(text, finish))


GOOD = "Explain to a child why the sky is blue."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "too short"),
        ("Name three primes", "too short"),
        ("word " * 151, "too long"),
        ("Describe the IMAGE in two sentences.", "holds a blocked word"),
        ("Write the lyrics and the music of a song.", "holds a blocked word"),
        ("- Name three primes below ten", "begins with punctuation"),
        ("«Nommez trois nombres premiers»", "begins outside of ASCII"),
        ("Écrivez un poème sur la mer.", "begins outside of ASCII"),
        (GOOD, "similar to another prompt"),
        ("Explain to a child why the sea is blue.", "similar to another prompt"),
    ],
)
def test_each_reason(text, reason):
    kept = Filter().filtered([text, "How do bees find their way home?"], [GOOD])
    assert (kept.rows, kept.dropped) == (("How do bees find their way home?",), {reason: 1})


@pytest.mark.parametrize(
    "text",
    [
        "Name four small primes",
        "word " * 149 + "end",
        "Imagine a mapmaker who profiles filers.",
        "Say how often it rains.",
    ],
)
def test_what_is_just_good_enough_is_kept(text):
    assert Filter().filtered([text], [GOOD]).rows == (text,)


def test_prompts_are_held_against_those_kept_before_them_and_against_no_dropped_one():
    near = ["Explain to a child why the sea is blue.", "Explain to a child why the sea was blue once more."]
    assert Filter().filtered([near[1]], [GOOD]).rows == (near[1],)
    assert Filter().filtered(near, []).rows == (near[0],)
    assert Filter().filtered(near, [GOOD]).rows == (near[1],)


def test_the_bound_itself_is_far_enough():
    seven, other = "a b c d e f g h i j", "a b c d e f g x y z"
    assert rouge_l(seven, other) == 0.7
    assert Filter().filtered([seven, other], []).rows == (seven, other)
    assert Filter(rouge_l=0.69).filtered([seven, other], []).rows == (seven,)


def test_options_change_the_rules():
    assert Filter(least_words=0, blocked=()).filtered(["", "image"], []).rows == ("", "image")
    assert Filter(most_words=3).filtered([GOOD], []).dropped == {"too long": 1}
    assert Filter(blocked=("c++",)).filtered(["Write it in C++, please.", GOOD], []).rows == (GOOD,)
    odd = ("- Name three primes below ten", "Écrivez un poème sur la mer.")
    assert Filter(punctuation_start=True, non_ascii_start=True).filtered(odd, []).rows == odd
    twice = ("漢字 漢字 漢字 漢字",) * 2
    assert Filter(non_ascii_start=True, rouge_l=1.0).filtered(twice, []).rows == twice[:1]


def test_options_are_built_as_components_are():
    assert build(Filter, {"rouge_l": 0.5, "blocked": ["x"]}, "filter") == Filter(rouge_l=0.5, blocked=("x",))
    with pytest.raises(ConfigError, match="rouge_l"):
        build(Filter, {"rouge_l": 1.5}, "filter")
    with pytest.raises(ConfigError, match="least_words"):
        build(Filter, {"least_words": -1}, "filter")


PROMPTS = st.lists(
    st.lists(st.sampled_from(["tell", "me", "why", "image", "-x", "é", "bees"]), max_size=7).map(" ".join), max_size=8
)


@settings(deadline=None)
@given(PROMPTS, PROMPTS, st.sampled_from([0.0, 0.5, 0.7, 1.0]))
def test_the_filter_is_idempotent_and_counts_everything(texts, earlier, bound):
    kept = (rules := Filter(rouge_l=bound, least_words=2)).filtered(texts, earlier)
    assert rules.filtered(kept.rows, earlier).rows == kept.rows
    assert not rules.filtered(kept.rows, earlier).dropped
    assert len(kept.rows) + sum(added(kept.dropped).values()) == len(texts)
    held = [*earlier, *kept.rows]
    for number, text in enumerate(kept.rows, start=len(earlier)):
        assert all(rouge_l(text, other) <= bound and text != other for other in held[:number])
