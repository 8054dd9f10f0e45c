"""Battles: rows that say who won, as Arena-Hard writes its games."""

from collections.abc import Iterator, Sequence

from judgebench.core.item import Miss, Preference

ORDERS = ((1, 0), (0, 1))
"""Game 1 shows the baseline first, game 2 the model; slot 0 is the model's."""
WINNERS = {"model_a": 1.0, "model_b": 0.0, "tie": 0.5, "tie (bothbad)": 0.5}
"""P(model_a is better) of each winner."""
CATEGORIES = {
    "arena-hard-v0.1": ("arena-hard-v0.1", "gpt-4-0314"),
    "hard_prompt": ("arena-hard-v2.0", "o3-mini-2025-01-31"),
    "creative_writing": ("arena-hard-v2.0", "gemini-2.0-flash-001"),
}
"""The benchmark that each category of official files belongs to, and its baseline."""
STRONG = 3
"""Rows that a strong verdict becomes."""


def games_of(
    wins: Sequence[float], orders: tuple[tuple[int, int], ...], paired: bool
) -> Iterator[tuple[tuple[int, int], int, Preference | Miss]]:
    """Order, repeat and verdict of each game, from the rows of one question and pair in the order of their file.

    The official code writes the rows of game 1, then those of game 2, and three equal rows for a strong verdict. Rows
    that do not follow this rule are games of their own, not known to be strong. `wins` holds P(slot 0 is better), and
    `orders` are those of the two games. `paired`: the file has two games of some questions, so that a second one that
    is not there is missing.
    """
    parts = games_in(wins)
    if not parts:
        for repeat, win in enumerate(wins):
            yield orders[0], repeat, _verdict(win, False, orders[0])
        return
    for order, part in zip(orders, parts, strict=False):
        yield order, 0, _verdict(part[0], len(part) > 1, order)
    if paired and len(parts) == 1:
        yield orders[1], 0, Miss("read", "the game is missing")


def games_in(wins: Sequence[float]) -> list[Sequence[float]]:
    """The rows of each game, one or two; nothing where the rows cannot be those of two games.

    Of four rows that say the same the first game is taken to be the strong one: the score is the same either way.
    """
    for length in (STRONG, 1, len(wins)):
        first, second = wins[:length], wins[length:]
        if _one_game(first) and (_one_game(second) or not second):
            return [first, second] if second else [first]
    return []


def _one_game(rows: Sequence[float]) -> bool:
    """Whether rows are those of one verdict: one, or three alike that are no ties."""
    return len(rows) == 1 or (len(rows) == STRONG and len(set(rows)) == 1 and rows[0] != 0.5)


def _verdict(win: float, strong: bool, order: tuple[int, int]) -> Preference:
    """A verdict in shown order from P(slot 0 is better)."""
    first = win if order[0] == 0 else 1.0 - win
    label = "A=B" if first == 0.5 else ("A" if first else "B") + (">>" if strong else ">") + ("B" if first else "A")
    return Preference((first, 1.0 - first), label)
