"""The trajectory of a training as markdown: what each step is compared with, and what is said of it."""

from dataclasses import replace

import pytest
from trainings import board, comparison, estimate

from judgebench.components.reports.trajectory import COMPONENT as Trajectory
from judgebench.core.leaderboard import Leaderboard, Series

SHOWN = """\
# starter: trajectory

![every measure over the steps](trajectory.svg)

## step-*

### win-rate, judged by gpt

| step    |   estimate |   95 % interval |   against the one before |       against the first |   n |   missing |
|---------|------------|-----------------|--------------------------|-------------------------|-----|-----------|
| step-9  |       45.0 |    41.0 to 49.5 |                          |                         |  64 |         0 |
| step-10 |       47.0 |    43.0 to 51.5 |      +2.0 (-1.0 to +5.0) |     +2.0 (-1.0 to +5.0) |  64 |         0 |
| step-30 |       55.0 |    51.0 to 59.5 |    +8.0 (+5.0 to +11.0) * | +10.0 (+7.0 to +13.0) * |  63 |         1 |

win-rate, judged by gpt: 45.0 at step-9, 55.0 at step-30; +10.0 (+7.0 to +13.0), separable.

### average-length

| step    |   estimate |   95 % interval | against the one before   | against the first   |   n |   missing |
|---------|------------|-----------------|--------------------------|---------------------|-----|-----------|
| step-10 |      300.0 |  296.0 to 304.5 |                          |                     |  64 |         0 |

average-length: 300.0 at step-10, the only step. No estimate at step-9, step-30.

- a note
- *, separable: told apart at 5 %, family-wise over all pairs of a measure (step-down max-T)
"""


def normal(text: str) -> list[list[str]]:
    """Lines without the widths of columns."""
    return [[cell.strip(" -") for cell in line.split("|")] for line in text.splitlines()]


def test_every_step_stands_against_the_one_before_and_the_first():
    shown = Trajectory().render(board())
    assert normal(shown)[: len(normal(SHOWN))] == normal(SHOWN)
    assert Trajectory().render(board()) == shown


def test_differences_are_turned_where_the_board_has_them_the_other_way_round():
    rows = [estimate("step-9", "miss-rate", 9.0, None), estimate("step-10", "miss-rate", 4.0, None)]
    found = [comparison("step-9", "step-10", "miss-rate", 5.0, None)]
    series = (Series("s", "policy", ("step-9", "step-10")),)
    shown = Trajectory().render(Leaderboard("t", "starter", "corrected", tuple(rows), tuple(found), {}, series))
    assert "-5.0 (-8.0 to -2.0) *" in shown
    assert "9.0 at step-9, 4.0 at step-10; -5.0 (-8.0 to -2.0), separable." in shown


def test_a_difference_from_a_bound_is_a_bound():
    rows = [estimate(f"step-{k}", "bradley-terry", 900.0 + k, "j") for k in (1, 2, 3)]
    rows[1] = replace(rows[1], method="at least")
    found = [comparison("step-2", "step-1", "bradley-terry", 1.0, "j")]
    found.append(comparison("step-3", "step-2", "bradley-terry", 1.0, "j"))
    series = (Series("s", "policy", ("step-1", "step-2", "step-3")),)
    shown = Trajectory().render(Leaderboard("t", "starter", "corrected", tuple(rows), tuple(found), {}, series))
    assert [line[4] for line in normal(shown) if line[1:2] in (["step-2"], ["step-3"])] == [
        "≥ +1.0 (≥ -2.0)",
        "≤ +1.0 (≤ +4.0)",
    ]
    assert "≥ 902.0" in shown
    assert "903.0 at step-3; the two are not compared." in shown


def test_names_cannot_break_a_table():
    rows = [estimate("a|b-1", "accuracy", 9.0, None)]
    made = Leaderboard("t", "starter", "corrected", tuple(rows), (), {}, (Series("a|b-*", "judge", ("a|b-1",)),))
    assert "| a\\|b-1 |" in Trajectory().render(made)


@pytest.mark.parametrize("series", [(), (Series("x", "policy", ("nobody",)),)])
def test_a_board_without_a_series_says_so(series):
    made = Leaderboard("t", "starter", "corrected", (estimate("a", "accuracy", 9.0, None),), (), {}, series)
    assert Trajectory().render(made) == (
        "# t: trajectory\n\nNo subject of this board belongs to a series of checkpoints.\n"
    )
