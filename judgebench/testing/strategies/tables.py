"""Tables as measures see them, and weights."""

from typing import TYPE_CHECKING, Any, Literal

from hypothesis import strategies as st

if TYPE_CHECKING:
    import numpy as np

    from judgebench.stats.arrays import FloatArray
    from judgebench.stats.table import Table

About = Literal["policy", "policy under judge", "judge"]
TEXTS: tuple[str | None, ...] = (None, "", "one", "one two", "* one\n* two\n\n# three", "**one** two three four five")


@st.composite
def tables(
    draw: st.DrawFn, about: About = "policy under judge", responses: Literal["pair", "any"] = "pair", least: int = 1
) -> "Table":
    """Tables of up to 8 items and 4 subjects (at least `least`): see `table_of`."""
    seed, items, subjects = draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 8)), draw(st.integers(least, 4))
    mutual = about == "policy under judge" and subjects > 1 and draw(st.booleans())
    return table_of(seed, about, responses, items=items, subjects=subjects, mutual=mutual)


@st.composite
def weights(draw: st.DrawFn, table: "Table", replicates: int = 3) -> "FloatArray":
    """Counts of the table's clusters as a resample has them: float [replicates, n_clusters]."""
    return weights_of(draw(st.integers(0, 2**32 - 1)), table, replicates)


def weights_of(seed: int, table: "Table", replicates: int = 3) -> "FloatArray":
    """Counts as `weights` draws them, the same for the same arguments."""
    import numpy as np

    n = table.n_clusters
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), replicates).astype(np.float64)


def table_of(
    seed: int,
    about: About = "policy under judge",
    responses: Literal["pair", "any"] = "pair",
    *,
    items: int = 6,
    subjects: int = 3,
    mutual: bool = False,
) -> "Table":
    """A table that is the same for the same arguments, of units of which every subject has one or two an item.

    Items lie in clusters and these in strata; some units lack an order, a verdict, a length, a text, gold. With
    `mutual` policies are compared with each other, and each verdict stands in the table for both of them. About
    judges, some of the tables have the people who voted as their last subject.

    ValueError for `mutual` with one subject.
    """
    if mutual and subjects < 2:
        raise ValueError("one subject cannot be compared with others")
    import numpy as np

    from judgebench.stats.table import Table

    rng = np.random.default_rng([seed, items, subjects])
    slots = rng.integers(2, 5, items) if responses == "any" else np.full(items, 2)
    rows = _units(rng, about, items, subjects, mutual)
    item, subject, opponent = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(3))
    if about == "policy":
        slots = np.full(items, 2)
    columns = _of_items(rng, item, slots, gold=not mutual and about != "policy")
    columns |= _of_verdicts(rng, subject, slots[item], about)
    columns |= _of_texts(rng, len(rows), about)
    if about == "judge" and rng.random() < 0.3:
        _people(columns, subject == subjects - 1)
    if mutual:
        columns, item, subject, opponent = _both_ways(columns, item, subject, opponent)
    whose = np.zeros_like(subject) if about == "judge" else 1 + subject + (1 + opponent) * subjects
    families = 1 if about == "judge" or mutual else 1 + seed % 2
    return Table(
        n_subjects=subjects,
        subject=subject,
        opponent=opponent,
        item=item,
        shown=whose * items + item,
        names=[f"subject {k}" for k in range(subjects)],
        family=np.arange(subjects, dtype=np.int64) % families,
        **columns,
    )


def _units(
    rng: "np.random.Generator", about: About, items: int, subjects: int, mutual: bool
) -> list[tuple[int, int, int]]:
    """(item, subject, opponent) of each unit; opponent -1 is none."""
    if mutual:
        pairs = [(a, b) for a in range(subjects) for b in range(a + 1, subjects)]
        return [(item, a, b) for item in range(items) for a, b in pairs if rng.random() < 0.9] or [(0, 0, 1)]
    found = [(item, subject, -1) for item in range(items) for subject in range(subjects)]
    again = [row for row in found if about != "policy" and rng.random() < 0.2]
    return [*found, *again]


def _of_items(rng: "np.random.Generator", item: Any, slots: Any, *, gold: bool) -> dict[str, Any]:
    """What the units of one item share: gold, ratings, votes, clusters, strata, parts of the benchmark, difficulty."""
    import numpy as np

    items = len(slots)
    clusters = rng.integers(1, items + 1)
    cluster = np.concatenate([np.arange(clusters), rng.integers(0, clusters, items - clusters)])
    strata = rng.integers(0, 2, clusters)
    ratings = np.full((items, slots.max()), np.nan)
    for k in range(items):
        if gold and rng.random() < 0.8:
            ratings[k, : slots[k]] = rng.integers(0, 4, slots[k]) if slots[k] > 2 else rng.permutation([0, 1]) / 1.0
    first, second = ratings[:, 0], ratings[:, 1]
    label = np.where(np.isnan(first) | (slots > 2), np.nan, (np.sign(first - second) + 1) / 2)
    votes = rng.integers(0, 3, (items, 3)).astype(float) * gold
    return {
        "n_clusters": int(clusters),
        "strata": np.unique(strata, return_inverse=True)[1].astype(np.int64),
        "cluster": cluster[item].astype(np.int64),
        "slots": slots[item].astype(np.int64),
        "gold": label[item],
        "ratings": ratings[item],
        "votes": {"expert": votes[item]},
        "subsets": {f"part-{n}": (item % 2 == n) for n in range(2)},
        "item_features": {"difficulty": rng.normal(size=items)[item]},
    }


def _of_verdicts(rng: "np.random.Generator", subject: Any, slots: Any, about: About) -> dict[str, Any]:
    """What was planned, asked and said; every other subject's verdicts are scores."""
    import numpy as np

    units, most = len(subject), int(slots.max(initial=2))
    planned = rng.random((units, 2)) < 0.85
    planned[~planned.any(axis=1), 0] = True
    if about == "policy":
        planned[:] = (True, False)
    asked = planned & (rng.random((units, 2)) < 0.95)
    valid = asked & (rng.random((units, 2)) < 0.9)
    scored = valid & ((subject % 2 == 1) & (about != "policy"))[:, None]
    there = np.arange(most) < slots[:, None]
    probs = np.where(there[:, None, :], rng.choice([0.0, 0.25, 0.5, 1.0, 3.0], (units, 2, most)), 0.0)
    probs[..., 0] += probs.sum(axis=2) == 0
    probs /= probs.sum(axis=2, keepdims=True)
    said = np.where(scored[:, :, None], rng.integers(1, 11, (units, 2, most)) / 2, probs)
    values = np.where(valid[:, :, None] & there[:, None, :], said, np.nan)
    first, best = values[:, :, 0], np.where(there[:, None, 1:], said[:, :, 1:], -np.inf).max(axis=2)
    compared = np.where(first == best, 0.5, (first > best).astype(float))
    preference = np.where(valid, np.where(scored, compared, first), 0.0)
    parts = rng.choice([np.nan, 0.0, 0.5, 1.0], (units, 2, rng.choice([0, 3])))
    strong = valid & ~scored & ((preference == 1.0) | (preference == 0.0)) & (rng.random((units, 2)) < 0.3)
    usage = np.where(asked[:, :, None], rng.integers(1, 500, (units, 2, 2)).astype(float), np.nan)
    return {
        "planned": planned, "asked": asked, "valid": valid, "scored": scored, "values": values,
        "preference": preference, "strong": strong, "tokens": usage, "seconds": usage[..., 0] / 100,
        "part_values": np.stack([parts, 1.0 - parts], axis=3),
        "inconsistent": (valid.sum(axis=1) == 1) & (preference.sum(axis=1) == 0.5) & ~scored.any(axis=1),
        "itself": np.zeros(units, dtype=bool),
    }  # fmt: skip


def _of_texts(rng: "np.random.Generator", units: int, about: About) -> dict[str, Any]:
    """Texts of both responses, their lengths, and who wrote them."""
    import numpy as np

    which = rng.integers(0, len(TEXTS), (units, 2))
    if about == "policy":
        which[:, 1] = 0
    texts = [(TEXTS[a], TEXTS[b]) for a, b in which.tolist()]
    lengths = [[np.nan if text is None else float(len(text)) for text in pair] for pair in texts]
    own = rng.random((units, 2)) < 0.3
    return {"texts": texts, "length": np.array(lengths).reshape(units, 2), "own": own & (about != "policy")}


def _people(columns: dict[str, Any], rows: Any) -> None:
    """Makes these units those of the people who voted: they say nothing beside their votes."""
    columns["itself"][rows] = True
    columns["planned"][rows] = (True, False)
    for name in ("asked", "valid", "scored", "strong"):
        columns[name][rows] = False
    columns["inconsistent"][rows] = False
    columns["preference"][rows] = 0.0
    for name in ("values", "tokens", "seconds", "part_values"):
        columns[name][rows] = float("nan")


def _both_ways(columns: dict[str, Any], item: Any, subject: Any, opponent: Any) -> tuple[dict[str, Any], Any, Any, Any]:
    """Each unit also as its opponent's, whose slots and orders are the other way round."""
    import numpy as np

    twice: dict[str, Any] = {}
    for name, column in columns.items():
        if name in ("n_clusters", "strata"):
            twice[name] = column
        elif name == "texts":
            twice[name] = [*column, *(pair[::-1] for pair in column)]
        elif isinstance(column, dict):
            twice[name] = {key: np.concatenate([one, one]) for key, one in column.items()}
        elif name in ("gold", "cluster", "slots", "inconsistent", "itself"):
            twice[name] = np.concatenate([column, column])
        else:
            turned = column[:, ::-1, ..., ::-1] if name in ("values", "part_values") else column[:, ::-1]
            twice[name] = np.concatenate([column, turned])
    units = len(item)
    twice["preference"][units:] = np.where(twice["valid"][units:], 1.0 - twice["preference"][units:], 0.0)
    return twice, np.tile(item, 2), np.concatenate([subject, opponent]), np.concatenate([opponent, subject])
