import os
import subprocess
import sys
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judgebench_loops.kept import Dropped
from judgebench_loops.selection.rejection import balance, correct_and_wrong, one_correct

VERDICTS = st.lists(st.sampled_from([0, 1, 2, None]), max_size=8)


@given(VERDICTS, st.sampled_from([0, 1]), st.integers(0, 99), st.sampled_from([None, 0.0, 0.25, 0.5]))
def test_one_correct_judgment_or_the_reason_why_not(verdicts, gold, seed, majority):
    right = sum(verdict == gold for verdict in verdicts)
    if not any(verdict is not None for verdict in verdicts):
        expected = "no readable judgment"
    elif right == 0:
        expected = "no correct judgment"
    elif majority is not None and right / len(verdicts) <= majority:
        expected = "below the majority"
    else:
        found = one_correct(verdicts, gold, Random(seed), majority=majority)
        assert verdicts[found] == gold
        assert found == one_correct(verdicts, gold, Random(seed), majority=majority)
        return
    with pytest.raises(Dropped) as dropped:
        one_correct(verdicts, gold, Random(seed), majority=majority)
    assert dropped.value.reason == expected


def test_every_correct_judgment_is_equally_likely():
    rng = Random(3)
    drawn = Counter(one_correct([1, 0, None, 0, 1, 0], 0, rng) for _ in range(3000))
    assert drawn.keys() == {1, 3, 5}
    assert all(900 < count < 1100 for count in drawn.values())


def test_unread_judgments_count_against_the_majority():
    assert one_correct([0, 0, 1], 0, Random(0), majority=0.5) in {0, 1}
    with pytest.raises(Dropped, match="below the majority"):
        one_correct([0, 0, 1, None], 0, Random(0), majority=0.5)
    for share in (-0.1, 1.0):
        with pytest.raises(ValueError, match="majority"):
            one_correct([0], 0, Random(0), majority=share)


@given(VERDICTS, st.sampled_from([0, 1]), st.integers(0, 99), st.integers(1, 20))
def test_pairs_of_a_correct_and_a_wrong_judgment(verdicts, gold, seed, pairs):
    right = [index for index, verdict in enumerate(verdicts) if verdict == gold]
    every = {(a, b) for a in right for b in range(len(verdicts)) if b not in right}
    if not any(verdict is not None for verdict in verdicts):
        expected = "no readable judgment"
    elif not right:
        expected = "no correct judgment"
    elif not every:
        expected = "no wrong judgment"
    else:
        found = [(c.chosen, c.rejected) for c in correct_and_wrong(verdicts, gold, Random(seed), pairs)]
        assert len(found) == len(set(found)) == min(pairs, len(every))
        assert set(found) <= every
        return
    with pytest.raises(Dropped) as dropped:
        correct_and_wrong(verdicts, gold, Random(seed), pairs)
    assert dropped.value.reason == expected


def test_wrong_tied_and_unread_judgments_are_rejected():
    found = correct_and_wrong([0, 1, 2, None], 0, Random(0), 3)
    assert {(c.chosen, c.rejected) for c in found} == {(0, 1), (0, 2), (0, 3)}
    with pytest.raises(ValueError, match="pairs"):
        correct_and_wrong([0, 1], 0, Random(0), 0)


@given(st.lists(st.sampled_from("ABC"), max_size=30), st.integers(0, 99))
def test_balance_leaves_as_many_of_each_label(labels, seed):
    rows = list(enumerate(labels))
    kept = balance(rows, lambda row: row[1], Random(seed))
    counts = Counter(labels)
    assert len(kept.rows) + sum(kept.dropped.values()) == len(rows)
    assert list(kept.rows) == sorted(kept.rows)
    if len(counts) == 1:
        assert kept.rows == ()
        assert kept.dropped == {"only one label": len(rows)}
    else:
        least = min(counts.values(), default=0)
        assert Counter(label for _, label in kept.rows) == dict.fromkeys(counts, least)
        assert kept.dropped.keys() <= {"label balance"}
        assert all(kept.dropped.values())


def test_every_row_of_the_larger_label_is_equally_likely_to_stay():
    rows, rng, stayed = "AAAAB", Random(5), Counter()
    for _ in range(4000):
        stayed.update(balance(range(5), lambda index: rows[index], rng).rows)
    assert stayed[4] == 4000
    assert all(900 < stayed[index] < 1100 for index in range(4))


def test_the_hash_seed_does_not_matter():
    program = (
        "from random import Random\n"
        "from judgebench_loops.selection.rejection import balance\n"
        "rows = [(n, f'label {n * n % 7}') for n in range(200)]\n"
        "print(balance(rows, lambda row: row[1], Random(11)))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
