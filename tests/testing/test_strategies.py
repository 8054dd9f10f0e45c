from collections import Counter
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench import Chat, Completion, Message, NextToken
from judgebench.core.leaderboard import Leaderboard, tiers
from judgebench.core.leaderboard import tables as tables_of
from judgebench.stats.table import Table
from judgebench.testing import strategies
from judgebench.testing.fitting import SHARED

few = settings(max_examples=25, deadline=None, database=None, derandomize=True)
KINDS = [
    ("policy", "pair"),
    ("policy under judge", "pair"),
    ("policy under judge", "any"),
    ("judge", "pair"),
    ("judge", "any"),
]
some_tables = st.sampled_from(KINDS).flatmap(lambda kind: strategies.tables(*kind))


@few
@given(strategies.messages())
def test_conversations_end_with_the_user(messages):
    assert messages[-1].role == "user"
    assert all(isinstance(message, Message) and message.content.encode() is not None for message in messages)
    roles = [message.role for message in messages if message.role != "system"]
    assert all(a != b for a, b in pairwise(roles))


@few
@given(st.integers(1, 4).flatmap(strategies.trials))
def test_trials_show_the_items_responses_in_their_order(trial):
    assert sorted(trial.order) == list(range(len(trial.responses)))
    assert [trial.item.responses[slot] for slot in trial.order] == list(trial.responses)
    assert all(len(response.turns) == len(trial.item.turns) for response in trial.responses)
    assert trial.item.gold is None or len(trial.item.gold.probs) == 2


@few
@given(strategies.requests(Chat, NextToken))
def test_requests_are_of_the_classes_that_are_wanted(request):
    assert isinstance(request, Chat | NextToken)


@few
@given(strategies.completions())
def test_completions_have_log_probs_in_their_order(completion):
    assert isinstance(completion, Completion)
    values = [value for _, value in completion.logprobs]
    assert values == sorted(values, reverse=True)
    assert all(value <= 0 for value in values)


@few
@given(some_tables)
def test_tables_are_as_the_engine_makes_them(table):
    units = len(table.subject)
    for field in fields(Table):
        column = getattr(table, field.name)
        if field.name not in SHARED:
            for one in column.values() if isinstance(column, dict) else [column]:
                assert len(one) == units
    assert len(table.strata) == table.n_clusters
    assert len(table.names) == len(table.family) == table.n_subjects
    assert set(table.cluster) <= set(range(table.n_clusters))
    assert not (table.valid & ~table.asked).any()
    assert not (table.asked & ~table.planned).any()
    assert table.planned.any(axis=1).all()
    assert (table.preference[~table.valid] == 0).all()
    assert np.isnan(table.values[~table.valid]).all()
    said = table.valid & ~table.scored
    assert np.allclose(np.nansum(table.values, axis=2)[said], 1.0)
    assert np.allclose(table.values[..., 0][said], table.preference[said])
    for name in ("gold", "cluster"):  # of one item: the same in all its units
        column = np.nan_to_num(getattr(table, name), nan=-1)
        assert all(len(set(column[table.item == item])) == 1 for item in set(table.item))


def test_policies_that_are_compared_with_each_other_stand_on_both_sides():
    table = strategies.table_of(5, mutual=True, items=4, subjects=3)
    half = len(table.subject) // 2
    assert (table.subject[:half] == table.opponent[half:]).all()
    assert (table.opponent[:half] == table.subject[half:]).all()
    assert (table.valid[:half] == table.valid[half:, ::-1]).all()
    assert np.allclose(table.preference[:half] + table.preference[half:, ::-1], table.valid[:half])
    assert (table.length[:half] == table.length[half:, ::-1]).any()
    with pytest.raises(ValueError, match="one subject"):
        strategies.table_of(5, mutual=True, subjects=1)


def test_drawn_tables_hold_what_measures_must_cope_with():
    seen = Counter()
    for seed in range(30):
        for about, responses in KINDS:
            table = strategies.table_of(seed, about, responses, items=1 + seed % 8, subjects=1 + seed % 4)
            seen["a missing verdict"] += bool((table.planned & ~table.valid).any())
            seen["an order not planned"] += bool((~table.planned).any())
            seen["scores"] += bool(table.scored.any())
            seen["no gold"] += bool(np.isnan(table.gold).any())
            seen["gold"] += bool(np.isfinite(table.gold).any())
            seen["an unknown length"] += bool(np.isnan(table.length).any())
            seen["two strata"] += len(set(table.strata)) == 2
            seen["a cluster of items"] += table.n_clusters < 1 + seed % 8
            seen["more than two"] += bool((table.slots > 2).any())
            seen["votes"] += bool(table.votes["expert"].any())
            seen["people"] += bool(table.itself.any())
            seen["parts"] += table.part_values.shape[2] == 3
    assert min(seen.values()) > 5, seen
    assert len(seen) == 12


def test_tables_and_weights_are_the_same_for_the_same_seed():
    first, again = strategies.table_of(3, "judge", "any"), strategies.table_of(3, "judge", "any")
    assert np.array_equal(first.values, again.values, equal_nan=True)
    weights = strategies.weights_of(1, first)
    assert np.array_equal(weights, strategies.weights_of(1, again))
    assert (weights.sum(axis=1) == first.n_clusters).all()
    assert weights.shape == (3, first.n_clusters)


@few
@given(st.data())
def test_weights_fit_their_table(data):
    table = data.draw(some_tables)
    assert data.draw(strategies.weights(table, 2)).shape == (2, table.n_clusters)


@few
@given(strategies.boards())
def test_boards_are_in_order(board):
    assert isinstance(board, Leaderboard)
    subjects = {row.subject for row in board.estimates}
    assert all({c.a, c.b} <= subjects for c in board.comparisons)
    for _, rows in tables_of(board):
        assert tiers(rows) is None or tiers(rows)[0] == 1
        assert all(row.low <= row.value <= row.high for row in rows)


def test_drawn_boards_hold_what_reports_must_cope_with():
    boards = [
        strategies.board_of(seed, measures=seed % 4, judges=seed % 3, subjects=1 + seed % 5) for seed in range(60)
    ]
    names = {row.subject for board in boards for row in board.estimates}
    assert {"a | b", "two\nlines", "**bold**"} <= names
    assert any(not board.estimates for board in boards)
    assert any(row.method == "at least" for board in boards for row in board.estimates)
    assert any(row.rank_low is None for board in boards for row in board.estimates)
    assert any(row.missing for board in boards for row in board.estimates)
    pairs = [(len(rows) * (len(rows) - 1) // 2, board) for board in boards for _, rows in tables_of(board)]
    assert any(number > len(board.comparisons) for number, board in pairs)
    assert boards[7] == strategies.board_of(7, measures=3, judges=1, subjects=3)
