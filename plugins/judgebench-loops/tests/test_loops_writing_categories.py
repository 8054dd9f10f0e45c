import pytest
from judgebench_loops.kept import Dropped
from judgebench_loops.writing.categories import CATEGORIES, ask_category, category_in, wanted_category

from judgebench import ConfigError


def test_the_message_in_full():
    assert ask_category("Name a {prime}.", {"math": "to compute", "other": "none of these"}) == (
        "Sort an instruction into one of these categories:\n- math: to compute\n- other: none of these\n\n"
        "# Instruction\nName a {prime}.\n\n"
        "# Category\nAnswer with the name of the one category that fits best, and nothing else."
    )
    for name, meaning in CATEGORIES.items():
        assert f"\n- {name}: {meaning}\n" in ask_category("x")


@pytest.mark.parametrize("name", CATEGORIES)
def test_each_category_is_read(name):
    for text in (name, f" {name.upper()}.\n", f"**{name.capitalize()}**", f"The category is {name}, I think: {name}."):
        assert category_in(text) == name


def test_each_reason():
    for text, reason in [
        ("", "no category"),
        ("poetry", "no category"),
        ("aftermath", "no category"),
        ("another", "no category"),
        ("coding or math", "two categories"),
    ]:
        with pytest.raises(Dropped) as drop:
            category_in(text)
        assert drop.value.reason == reason


def test_only_wanted_categories_are_kept():
    assert wanted_category("Reasoning", ("reasoning", "math")) == "reasoning"
    with pytest.raises(Dropped) as drop:
        wanted_category("coding", ("reasoning", "math"))
    assert drop.value.reason == "another category"
    with pytest.raises(ConfigError, match="no category 'sums'") as error:
        wanted_category("coding", ("math", "sums"))
    assert error.value.hint.startswith("known: reasoning, math, coding")
