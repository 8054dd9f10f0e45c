import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judgebench_loops.writing.rouge import Neighbours, rouge_l, words

WORDS = st.lists(st.sampled_from(["a", "b", "c", "the", "x1"]), max_size=12).map(" ".join)
TEXTS = WORDS | st.text(alphabet=st.sampled_from("aB1 .é漢İ\n"), max_size=12)
BOUNDS = st.sampled_from([0.0, 0.3, 0.5, 0.7, 0.75, 0.9, 1.0]) | st.floats(0, 1)


def naive(first, second):
    """F1 by the textbook's table, and words by hand."""
    one, other = (
        "".join(sign if sign in "abcdefghijklmnopqrstuvwxyz0123456789" else " " for sign in text.lower()).split()
        for text in (first, second)
    )
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, left in enumerate(one):
        for j, right in enumerate(other):
            table[i + 1][j + 1] = table[i][j] + 1 if left == right else max(table[i][j + 1], table[i + 1][j])
    return 2 * table[-1][-1] / (len(one) + len(other)) if one or other else 0.0


def test_words_are_runs_of_letters_and_digits():
    assert words("Don't panic, it's 42.5-fold ÉTÉ x_y") == [
        "don",
        "t",
        "panic",
        "it",
        "s",
        "42",
        "5",
        "fold",
        "t",
        "x",
        "y",
    ]


def test_by_hand():
    assert rouge_l("police killed the gunman", "police kill the gunman") == 0.75  # Lin (2004), section 3.1
    assert rouge_l("the gunman police killed", "police killed the gunman") == 0.5
    assert rouge_l("", "") == rouge_l("漢字", "漢字") == rouge_l("a", "b") == 0.0
    assert rouge_l("A b!", "a B") == 1.0


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_it_is_the_textbook_s(first, second):
    assert rouge_l(first, second) == naive(first, second) == rouge_l(second, first)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_it_is_rouge_score_s(first, second):
    scorer = pytest.importorskip("rouge_score.rouge_scorer", reason="needs rouge-score")
    official = scorer.RougeScorer(["rougeL"], use_stemmer=False).score(first, second)["rougeL"].fmeasure
    assert rouge_l(first, second) == pytest.approx(official, abs=1e-12)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=8), st.lists(TEXTS, max_size=4), BOUNDS)
def test_the_search_finds_what_comparing_with_each_finds(held, asked, above):
    neighbours = Neighbours(above, [*held, *asked])
    for text in held:
        neighbours.add(text)
    for text in asked:
        assert neighbours.has_near(text) == any(naive(text, other) > above for other in held)


def test_the_search_is_exact_among_many():
    rng = random.Random(3)
    vocabulary = [f"w{k}" for k in range(400)]
    weights = [1 / (k + 9) for k in range(400)]
    held = [" ".join(rng.choices(vocabulary, weights, k=rng.randint(1, 25))) for _ in range(80)]
    asked = []
    for text in rng.sample(held, 30):
        changed = text.split()
        for _ in range(rng.randint(0, len(changed))):
            changed[rng.randrange(len(changed))] = rng.choice(vocabulary)
        asked.append(" ".join(changed))
    for above in (0.5, 0.7, 0.9):
        neighbours = Neighbours(above, [*held, *asked])
        for text in held:
            neighbours.add(text)
        expected = [any(naive(text, other) > above for other in held) for text in asked]
        assert [neighbours.has_near(text) for text in asked] == expected
        assert len(set(expected)) == 2
