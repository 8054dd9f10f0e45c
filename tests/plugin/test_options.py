"""Options of components: read from data and from texts, with errors that help."""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import ConfigError, ModelName, option
from judgebench.plugin.options import build, identity_options, model_options, nearest, options


@dataclasses.dataclass(frozen=True)
class Part:
    model: ModelName = option(help="the model")
    size: int = option(1, help="a size")
    heat: float = option(0.0, help="a temperature")
    deep: bool = option(False, help="a flag")
    cap: int | None = option(None, help="a bound")
    note: str | None = option(None, help="a text")
    mode: Literal["fast", "slow"] = option("fast", help="a mode", identity=False)
    stop: tuple[str, ...] = option((), help="texts")
    sizes: tuple[int, ...] = option((), help="numbers")
    words: frozenset[str] = option(frozenset(), help="a set")
    jury: tuple[ModelName, ...] | None = option(None, help="models")
    extra: Mapping[str, Any] | None = option(None, help="a mapping")
    some: Sequence[float] = option((), help="numbers")
    which: Literal["all"] | tuple[str, ...] = option("all", help="all or some")
    either: str | tuple[str, ...] = option("", help="a text or texts")


def read(text, key, strict=False):
    return getattr(build(Part, {"model": "m", key: text}, "judge 'x'", strict=strict), key)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("size", "7", 7),
        ("size", "-7", -7),
        ("heat", "0.7", 0.7),
        ("heat", "1", 1.0),
        ("heat", "1e-3", 0.001),
        ("deep", "true", True),
        ("deep", "False", False),
        ("cap", "3", 3),
        ("cap", "null", None),
        ("note", "null", "null"),
        ("note", "", ""),
        ("note", "[a", "[a"),
        ("note", "nan", "nan"),
        ("mode", "slow", "slow"),
        ("stop", "a", ("a",)),
        ("stop", "a, b", ("a, b",)),
        ("stop", "", ()),
        ("stop", '["a", "b"]', ("a", "b")),
        ("stop", '["[INST]"]', ("[INST]",)),
        ("stop", "[]", ()),
        ("sizes", "5", (5,)),
        ("sizes", "[5, 6]", (5, 6)),
        ("words", "a", frozenset("a")),
        ("words", '["b", "a"]', frozenset("ab")),
        ("jury", '["openai:a", "strong"]', ("openai:a", "strong")),
        ("jury", "openai:a", ("openai:a",)),
        ("extra", '{"a": [1, null]}', {"a": [1, None]}),
        ("some", "[0.5]", [0.5]),
        ("some", "2", [2.0]),
        ("which", "all", "all"),
        ("which", "none", ("none",)),
        ("either", "[x", "[x"),
        ("either", "", ""),
    ],
)
def test_flags_have_texts_and_options_have_types(key, text, value):
    found = read(text, key)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("size", "seven", "Expected `int`, got `str` - at `$.size`"),
        ("size", "1.5", "Expected `int`, got `str`"),
        ("size", "", "Expected `int`, got `str`"),
        ("heat", "hot", "Expected `float`, got `str`"),
        ("heat", "nan", "option 'heat' is nan"),
        ("heat", "-inf", "option 'heat' is -inf"),
        ("deep", "yes", "Expected `bool`, got `str`"),
        ("mode", "medium", "Invalid enum value 'medium'"),
        ("stop", "[a]", "option 'stop': JSON is malformed"),
        ("stop", "[1]", "Expected `str`, got `int`"),
        ("stop", "{}", "Expected `array`, got `object`"),
        ("sizes", "x", "Expected `int`, got `str`"),
        ("extra", "a", "Expected `object | null`, got `str`"),
        ("extra", "[]", "Expected `object | null`, got `array`"),
        ("extra", '{"a"', "option 'extra': Input data was truncated"),
    ],
)
def test_texts_that_do_not_fit_are_refused(key, text, says):
    with pytest.raises(ConfigError) as caught:
        read(text, key)
    assert caught.value.message.startswith("judge 'x': ")
    assert says in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("size", "7"),
        ("size", 7.0),
        ("size", True),
        ("heat", "0.7"),
        ("heat", True),
        ("heat", float("nan")),
        ("heat", float("inf")),
        ("deep", "true"),
        ("deep", 1),
        ("cap", "null"),
        ("note", 5),
        ("stop", "a"),
        ("stop", [1]),
        ("stop", [None]),
        ("extra", "{}"),
        ("model", None),
    ],
)
def test_data_is_read_strictly(key, value):
    with pytest.raises(ConfigError, match="judge 'x': "):
        read(value, key, strict=True)


def test_data_of_the_right_types_passes():
    values = {"size": 2, "heat": 1, "cap": None, "stop": ["a"], "extra": {"b": 1}, "words": ["a", "a"]}
    part = build(Part, {"model": "m", **values}, "x")
    assert part == Part("m", 2, 1.0, stop=("a",), extra={"b": 1}, words=frozenset("a"))


def test_an_unknown_option_is_an_error_with_the_nearest():
    with pytest.raises(ConfigError, match="judge 'x': unknown option 'szie'") as caught:
        build(Part, {"model": "m", "szie": 1}, "judge 'x'")
    assert caught.value.hint == "did you mean 'size'?"
    with pytest.raises(ConfigError) as caught:
        build(Part, {"model": "m", "zzz": 1}, "judge 'x'")
    assert caught.value.hint.startswith("known: cap, deep, either, extra, ")


def test_a_missing_option_is_an_error_with_its_help():
    with pytest.raises(ConfigError, match="judge 'x': option 'model' is missing") as caught:
        build(Part, {}, "judge 'x'")
    assert caught.value.hint == "the model"


def test_an_error_of_the_component_itself_keeps_its_class():
    @dataclasses.dataclass(frozen=True)
    class Picky:
        size: int = 1

        def __post_init__(self):
            if self.size < 0:
                raise ConfigError("picky: too small", "grow")
            if self.size > 9:
                raise ValueError("too large")

    with pytest.raises(ConfigError, match=r"^picky: too small$"):
        build(Picky, {"size": -1}, "x")
    with pytest.raises(ConfigError, match=r"^x: too large"):
        build(Picky, {"size": 10}, "x")


def test_what_cannot_change_a_result_is_no_part_of_the_identity():
    part = build(Part, {"model": "m", "mode": "slow"}, "x")
    assert options(part)["mode"] == "slow"
    assert identity_options(part) == {key: value for key, value in options(part).items() if key != "mode"}


def test_options_are_data_as_json_has_it():
    part = build(Part, {"model": "m", "stop": ["a"], "extra": {"k": (1, {"z": 1})}}, "x")
    assert options(part)["stop"] == ["a"]
    assert options(part)["extra"] == {"k": [1, {"z": 1}]}
    assert msgspec.json.decode(msgspec.json.encode(options(part))) == options(part)  # a manifest compares them


def test_a_set_reads_the_same_in_every_process():
    code = (
        "import dataclasses\n"
        "from judgebench.plugin.options import options\n"
        "P = dataclasses.make_dataclass('P', [('w', frozenset)])\n"
        "print(options(P(frozenset(map(str, range(20))))))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True
        ).stdout
        for seed in "123"
    }
    assert len(texts) == 1
    assert "'19'" in texts.pop()


def test_the_options_that_name_models_are_known_by_their_types():
    assert model_options(Part) == ("model", "jury")


@given(st.from_regex(r"[a-z]{0,12}", fullmatch=True), st.sets(st.from_regex(r"[a-z]{1,8}", fullmatch=True), max_size=9))
def test_nearest_names_a_known_word_or_all(word, known):
    hint = nearest(word, known)
    if word in known:
        assert hint == f"did you mean '{word}'?"
    assert hint == "there are none" if not known else any(name in hint for name in known)


def test_nearest_finds_prefixed_words_by_their_ends():
    known, prefixed = ["item", "judge"], ["response.length", "opponent.length", "item.row"]
    for word, meant in {
        "lenght": "response.length",
        "oponent.length": "opponent.length",
        "row": "item.row",
        "itm": "item",
    }.items():
        assert nearest(word, known, prefixed) == f"did you mean '{meant}'?"
    assert nearest("zzz", known, prefixed) == "known: item, judge"
    assert nearest("lenght", known) == "known: item, judge"


def test_a_word_that_an_option_does_not_know_gets_the_nearest():
    @dataclasses.dataclass(frozen=True)
    class Wordy:
        voters: Literal["expert", "author", "all"] | None = option(None, help="whose")

    with pytest.raises(ConfigError) as caught:
        build(Wordy, {"voters": "exprt"}, "measure 'm'", strict=False)
    assert caught.value.hint == "did you mean 'expert'?"
    with pytest.raises(ConfigError) as caught:
        build(Wordy, {"voters": "all/turn-1"}, "measure 'm'", strict=False)
    assert caught.value.hint.endswith("a part stands before options: NAME/PART,key=value")
