"""Style features: what is counted, what stands in code, and lengths with and without a tokenizer's table."""

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench import ConfigError
from judgebench.measuring.style import style, tokens


def official(text):
    """The published patterns, one after the other."""
    for block in re.findall("```([^`]*)```", text):
        text = text.replace(block, "")
    headers = sum(len(re.findall(rf"^#{{{n}}}\s", text, re.MULTILINE)) for n in range(1, 7))
    lists = len(re.findall(r"^\s*\d+\.\s", text, re.MULTILINE)) + len(re.findall(r"^\s*[-*+]\s", text, re.MULTILINE))
    bold = len(re.findall(r"\*\*[^*\n]+\*\*", text)) + len(re.findall(r"__[^_\n]+__", text))
    return {"headers": headers, "lists": lists, "bold": bold}


@given(st.text(alphabet="#*-+_1.\n `ab\r\t", max_size=60))
@settings(max_examples=500)
def test_counts_are_those_of_the_published_patterns(text):
    assert style(text) == official(text)


def test_what_stands_in_code_does_not_count():
    text = "# Title\n```\n# no\n- no\n**no**\n```\n- yes\n1. yes\n**yes** __yes__\n####### too deep\n#tag"
    assert style(text) == {"headers": 1, "lists": 2, "bold": 2}


def test_a_long_run_of_blank_lines_takes_no_time():
    assert style("\n" * 200_000 + "- x")["lists"] == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one two", 2),
        ("unbelievably so", 2),
        ("internationalisation", 2),
        ("1234567", 3),
        ("a_b", 3),
        ("it's", 2),
        ("x == y", 3),
        ("----------", 2),
        ("one\n\ntwo", 3),
        ("café", 2),
        ("中文", 3),
    ],
)
def test_pieces(text, count):
    assert tokens(text) == count


def test_pieces_of_joined_texts_are_at_most_those_of_both():
    assert tokens("some words " + "and more") <= tokens("some words ") + tokens("and more")


@pytest.fixture
def letters(tmp_path, monkeypatch):
    """An encoding of its own in tiktoken's way of adding some: every byte is a token, and so is `ab`."""
    pytest.importorskip("tiktoken")
    package = tmp_path / "tiktoken_ext"
    package.mkdir()
    (package / "letters_for_tests.py").write_text(
        "def letters():\n"
        "    ranks = {bytes([n]): n for n in range(256)} | {b'ab': 256}\n"
        "    return {'name': 'letters', 'pat_str': r'\\S+|\\s+', 'mergeable_ranks': ranks, 'special_tokens': {}}\n"
        "ENCODING_CONSTRUCTORS = {'letters': letters}\n"
    )
    import tiktoken.registry
    import tiktoken_ext

    monkeypatch.setattr(tiktoken_ext, "__path__", [*tiktoken_ext.__path__, str(package)])
    monkeypatch.setattr(tiktoken.registry, "ENCODING_CONSTRUCTORS", None)
    yield "letters"
    sys.modules.pop("tiktoken_ext.letters_for_tests", None)


def test_a_tiktoken_encoding_counts_its_tokens(letters):
    assert tokens("abab x", letters) == 4
    assert tokens("<|endoftext|>", letters) == 13


def test_an_unknown_tokenizer_is_an_error_with_a_way_out():
    pytest.importorskip("tiktoken")
    with pytest.raises(ConfigError, match="tokenizer 'no-such' cannot be had") as caught:
        tokens("x", "no-such")
    assert "tokenizer=pieces" in caught.value.hint


def test_without_tiktoken_its_encodings_are_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    with pytest.raises(ConfigError, match="needs tiktoken"):
        tokens("x", "cl100k_base")
