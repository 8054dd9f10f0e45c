"""What every measure keeps to: weights in, values out, one implementation for all replicates."""

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from judgebench.plugin.measure import Measure
from judgebench.testing.check import NotConforming
from judgebench.testing.fitting import check_equal, each, tolerance_of, turned_round
from judgebench.testing.rule import Rule
from judgebench.testing.subject import Subject

if TYPE_CHECKING:
    from judgebench.stats.arrays import FloatArray
    from judgebench.stats.table import Table


def fits_as_one_by_one(subject: Subject[Measure]) -> None:
    """Many rows of weights at once give what each of them gives alone."""

    def case(measure: Measure, table: "Table", weights: "FloatArray") -> None:
        import numpy as np

        whole = measure.fit(table, weights)
        if whole.shape != (len(weights), table.n_subjects):
            seen = f"fit() is of shape {whole.shape} for {len(weights)} rows of weights, {table.n_subjects} subjects"
            raise NotConforming(seen, "values [rows, subjects]")
        alone = np.concatenate([measure.fit(table, row[None]) for row in weights])
        check_equal(subject, whole, alone, "each row of weights by itself gives", "what all of them give at once")

    each(subject, case)


def prepares_what_it_fits(subject: Subject[Measure]) -> None:
    """`prepare(table).values` gives what `fit` gives, asked again too; its details are one number a subject."""

    def case(measure: Measure, table: "Table", weights: "FloatArray") -> None:
        prepared = measure.prepare(table)
        prepared.values(weights[::-1])
        check_equal(
            subject, prepared.values(weights), measure.fit(table, weights), "prepare() gives", "what fit() gives"
        )
        for name, column in prepared.details.items():
            if column.shape != (table.n_subjects,):
                seen = f"the detail '{name}' is of shape {column.shape} for {table.n_subjects} subjects"
                raise NotConforming(seen, "one number a subject")

    each(subject, case)


def does_not_order_units(subject: Subject[Measure]) -> None:
    """The order of a table's units changes nothing."""

    def case(measure: Measure, table: "Table", weights: "FloatArray") -> None:
        other = turned_round(table, len(table.subject))
        check_equal(
            subject, measure.fit(other, weights), measure.fit(table, weights), "units turned round give", "the same"
        )
        before, after = measure.support(table), measure.support(other)
        if any((getattr(before, f.name) != getattr(after, f.name)).any() for f in fields(before)):
            raise NotConforming(f"support of units turned round is {after}, before {before}", "the same")

    each(subject, case)


def does_not_order_subjects(subject: Subject[Measure]) -> None:
    """Each subject has its value, wherever it stands among the others."""

    def case(measure: Measure, table: "Table", weights: "FloatArray") -> None:
        import numpy as np

        place = np.roll(np.arange(table.n_subjects), 1)  # place[s] is where subject s stands now
        was = np.argsort(place)
        other = replace(
            table,
            subject=place[table.subject],
            opponent=np.where(table.opponent < 0, -1, place[table.opponent]),
            names=[table.names[k] for k in was],
            family=table.family[was],
        )
        found = measure.fit(other, weights)[:, place]
        check_equal(
            subject, found, measure.fit(table, weights), "subjects in another order get", "the values that they had"
        )

    each(subject, case, least=2)


def needs_weight(subject: Subject[Measure]) -> None:
    """A subject without weight, or without units, gets no number."""

    def case(measure: Measure, table: "Table", weights: "FloatArray") -> None:
        import numpy as np

        lost = int(table.subject[0])
        less = weights.copy()
        less[:, np.unique(table.cluster[table.subject == lost])] = 0.0
        if not np.isnan(found := measure.fit(table, less)[:, lost]).all():
            raise NotConforming(f"a subject whose clusters weigh nothing gets {found}", "NaN")
        none = table.only(np.zeros(len(table.subject), dtype=np.bool_))
        if not np.isnan(found := measure.fit(none, weights)).all() or measure.support(none).n.any():
            raise NotConforming(f"without any unit it gives {found}, n {measure.support(none).n}", "NaN, and n = 0")

    each(subject, case)


def gives_numbers(subject: Subject[Measure]) -> None:
    """With every cluster counted once, a subject with units gets a finite value."""

    def case(measure: Measure, table: "Table", weights: "FloatArray") -> None:
        import numpy as np

        value, n = measure.fit(table, np.ones((1, table.n_clusters)))[0], measure.support(table).n
        if np.isinf(value).any() or np.isinf(measure.fit(table, weights)).any():
            raise NotConforming(f"its values are {value}", "finite ones, or NaN")
        why = measure.prepare(table).why
        lacking = [k for k in np.flatnonzero(np.isnan(value) & (n > 0)).tolist() if k not in why]
        if lacking:
            seen = f"its values are {value} with n = {n}"
            raise NotConforming(seen, "a value where n is above 0, or the reason in prepare(table).why")

    each(subject, case)


def stays_within_bounds(subject: Subject[Measure]) -> None:
    """Values lie within `bounds`."""
    bounds = subject.built.bounds
    assert bounds is not None  # else this rule is none of its own

    def case(measure: Measure, table: "Table", weights: "FloatArray") -> None:
        import numpy as np

        values = np.concatenate([measure.fit(table, weights), measure.fit(table, np.ones((1, table.n_clusters)))])
        there = values[np.isfinite(values)]
        slack = tolerance_of(subject) * max(1.0, *map(abs, bounds))
        if ((there < bounds[0] - slack) | (there > bounds[1] + slack)).any():
            raise NotConforming(f"its values are {values}", f"numbers from {bounds[0]:g} to {bounds[1]:g}")

    each(subject, case)


def counts_its_units(subject: Subject[Measure]) -> None:
    """`support` counts units that entered, that are missing, and their clusters: whole numbers, one a subject."""

    def case(measure: Measure, table: "Table", weights: "FloatArray") -> None:
        import numpy as np

        support = measure.support(table)
        for name in ("n", "missing", "clusters"):
            column = getattr(support, name)
            if np.shape(column) != (table.n_subjects,) or column.dtype.kind not in "iu" or (column < 0).any():
                seen = f"support.{name} is {column!r} for {table.n_subjects} subjects"
                raise NotConforming(seen, "an array of whole numbers from 0 on, one a subject")
        if (support.clusters > table.n_clusters).any() or ((support.n > 0) != (support.clusters > 0)).any():
            raise NotConforming(f"{support} of {table.n_clusters} clusters", "clusters where there are units")

    each(subject, case)


RULES = (
    Rule("fits many resamples as it fits each", fits_as_one_by_one),
    Rule("prepares what it fits", prepares_what_it_fits),
    Rule("does not depend on the order of units", does_not_order_units),
    Rule("does not depend on the order of subjects", does_not_order_subjects),
    Rule("gives nothing where there is no weight", needs_weight),
    Rule("gives a finite value where there are units", gives_numbers),
    Rule("stays within its bounds", stays_within_bounds, lambda cls: cls.bounds is not None),
    Rule("counts its units", counts_its_units),
)
