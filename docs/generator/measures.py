"""The page of measures: what each is about, its unit, formula, source and options."""

from docs.generator.catalogue import of_kind
from docs.generator.components import anchor, documented
from docs.generator.markdown import mono, page, sentence, table, text
from docs.generator.options import options_table
from judgebench.plugin.conventions import CONVENTIONS
from judgebench.plugin.measure import Measure

HOW = """
A measure is a number about each subject: a policy, a policy under a judge, or a judge. `--measure
NAME[:VALUE][/PART][,option=value...]`, as in `--measure arena-score,ties=drop`; the value is its first option, and
`/PART` takes a part of the benchmark alone, `/*` each of its parts. Without `--measure` a run's are those of its
benchmark. Which measure is for what: [what is measured](../explanation/measures.md).
"""
NOTATION = """
## Notation

- Σ goes over the units that enter: pairs, items, games, votes or scores, as the formula says.
- w is the weight of a unit's cluster, what is resampled together: 1 for the estimate, how often the cluster was drawn
  in a resample. One formula gives the estimate and every resample of its interval
  ([intervals](../explanation/intervals.md)).
- p is P(the response in slot 0 is better), by the judge: of the policy, or of the first ready response. Where both
  orders were asked, it is turned back and averaged over them.
- [x] is 1 where x holds, else 0; σ(z) = 1 / (1 + e^−z); log and ln are natural, log₂ to the base of two.
- c is the worth of a verdict against a gold label: 1 where it is right, 0 where it is wrong; what a tie and a missing
  verdict are worth says the convention.
- *Bounds* are the lowest and highest value there can be. Where all values lie at one, as where everything is won, they
  get an interval still.
"""
CONVENTION = """
## Conventions

How a judge's ties and missing verdicts count against a gold label that is no tie. Each benchmark has its own; the
options `convention`, `ties` and `misses` go before it, and the board says where it is not `standard`. `half`: as half a
right one; `wrong`: as nothing; `skip`: left out.
"""


def measures_page() -> str:
    """Every measure that ships."""
    found = [cls for cls in of_kind("measure") if issubclass(cls, Measure)]
    rows = [(f"[`{cls.name}`](#{anchor(cls.name)})", cls.about, text(cls.summary)) for cls in found]
    conventions = [(mono(name), mono(one.ties), mono(one.misses)) for name, one in CONVENTIONS.items()]
    return page(
        "Measures",
        HOW,
        table(("measure", "about", "what it is"), rows),
        NOTATION,
        CONVENTION,
        table(("convention", "ties", "misses"), conventions),
        *map(measure_section, found),
    )


def measure_section(cls: type[Measure], level: int = 2) -> str:
    """One measure."""
    parts = [f"{'#' * level} {cls.name}", sentence(cls.summary)]
    parts += [*documented(cls), facts_table(cls), options_table(cls)]
    return "\n\n".join(filter(None, parts))


def facts_table(cls: type[Measure]) -> str:
    """What it is about, its unit, which end is better, its bounds, and which responses it takes."""
    bounds = "none" if cls.bounds is None else "{:g} to {:g}".format(*cls.bounds)
    responses = {"pair": "pairs", "any": "any number"}[cls.responses]
    row = (cls.about, cls.unit, cls.better or "neither", bounds, responses)
    return table(("about", "unit", "better", "bounds", "responses"), [row])
