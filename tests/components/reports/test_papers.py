"""The papers' numbers: as they are printed, and consistent where the papers' own arithmetic binds them.

`python tests/components/reports/test_papers.py > tests/components/reports/papers.md` writes the snapshot anew.
"""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from judgebench import Leaderboard
from judgebench.components.reports.papers import meta_rewarding, rlaif, self_rewarding, self_taught
from judgebench.reporting.paper_numbers import SOURCES
from judgebench.reporting.paper_table import PaperTable

SNAPSHOT = Path(__file__).parent / "papers.md"
TABLES = [table for paper in (self_rewarding, meta_rewarding, self_taught, rlaif) for table in paper.COMPONENTS]
BY_NAME = {table.name: table for table in TABLES}
TIERS = "self-taught-table-1"


def alone(table: type[PaperTable]) -> str:
    """The paper's numbers without any of ours."""
    return table().render(Leaderboard(table.summary, "", "corrected", ()))


def snapshot() -> str:
    return "\n".join(map(alone, TABLES))


def rows(name) -> dict[str, list[float | None]]:
    """The numbers of a table by row."""
    table = BY_NAME[name]
    return {
        row.name: [None if cell is None else cell.value for cell in row.printed(table.sources)] for row in table.lines
    }


def close(found, printed, digits=1):
    """Whether a number rounds to what is printed; what is printed is rounded itself."""
    return abs(found - printed) <= 0.5 * 10.0**-digits + 1e-9


def test_every_table_prints_what_it_printed_before():
    assert snapshot() == SNAPSHOT.read_text()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_row_has_a_cell_for_each_of_the_papers_columns(table):
    columns = sum(len(column.printed) for column in table.columns)
    assert {len(row.printed(table.sources)) for row in table.lines} == {columns}
    assert len({row.name for row in table.lines}) == len(table.lines)
    assert table.notes
    assert set(table.sources) <= set(SOURCES)
    assert all(column.apart for column in table.columns if column.measure is None)
    assert "arXiv" in table.paper


def test_what_was_not_read_in_the_paper_is_marked_and_said():
    shown = alone(BY_NAME[TIERS])
    assert re.search(r"^\| it1 +\| +83\.9 \[ZS\] \| +- \| +98\.3 \[M\] \|", shown, re.MULTILINE)
    assert "- [M]: remembered, not verified\n" in shown
    assert "- [S]: from detailed notes on the paper, not read in the paper itself\n" in shown
    unmarked = alone(BY_NAME["meta-rewarding-table-7"])
    assert "]" not in unmarked.split("\n- ")[0]
    assert "without a mark was read in the paper's own text" in unmarked


def test_rewardbench_sections_average_to_the_overall_and_the_trap_is_told():
    found = rows(TIERS)
    for overall, *sections, _, _ in found.values():
        assert close(sum(sections) / 4, overall)
    for name, four, five in (("seed", 76.05, 75.42), ("GPT-4-0125", 85.93, 84.26)):
        overall, *sections, prior, with_prior = found[name]
        assert close(sum(sections) / 4, four, 2)
        assert overall == four
        assert close((2 * sum(sections) + prior) / 9, five, 2)
        assert close(five, with_prior)
    assert close(sum(found["it5"][1:5]) / 4 - found["seed"][0], 12.3)
    assert "INCLUDE Prior Sets" in alone(BY_NAME[TIERS])


def test_both_orders_and_position_consistency():
    ((first, last, mean),) = rows("self-taught-table-9").values()
    assert close((first + last) / 2, mean)
    average, consistent = rows("self-taught-table-3")["it5"]
    assert close(2 * (average - consistent), 20.8)


def test_head_to_head_sums_to_a_hundred_and_has_whole_counts():
    for shares in rows("self-rewarding-head-to-head").values():
        counts = [round(share * 2.56) for share in shares]
        assert sum(counts) == 256
        assert [round(100 * count / 256 + 1e-9, 1) for count in counts] == pytest.approx(shares, abs=0.051)
    assert [round(share * 2.56) for share in rows("self-rewarding-head-to-head")["M1 vs SFT"]] == [78, 99, 79]


def cut(numerator: int, denominator: int) -> float:
    """A percentage cut after two digits."""
    return int(Fraction(10_000 * numerator, denominator)) / 100


def possible(printed: float, denominator: int) -> bool:
    return printed in {cut(numerator, denominator) for numerator in range(denominator + 1)}


def test_meta_rewarding_cuts_digits_and_its_denominators_are_as_told():
    """Half a point a tie: k / 336 of 168 pairs, and k / 1280 of 640."""
    assert all(possible(row[0], 336) for row in rows("meta-rewarding-table-3").values())
    assert all(possible(row[0], 1280) for row in rows("meta-rewarding-table-7").values())
    assert not all(
        row[0] in {round(100 * k / 336, 2) for k in range(337)} for row in rows("meta-rewarding-table-3").values()
    )
    assert rows("meta-rewarding-table-3")["MR it3"][:2] == [cut(197, 336), cut(79, 129)] == [58.63, 61.24]
    for name in ("meta-rewarding-table-3", "meta-rewarding-table-7"):
        assert {column.truncated for column in BY_NAME[name].columns} == {True}


def test_bias_of_the_meta_judge_sums_to_a_hundred():
    for higher, lower, *_ in rows("meta-rewarding-table-5").values():
        assert higher + lower == pytest.approx(100.0)


def test_mt_bench_scores_are_the_means_of_their_parts():
    for score, first, second, _ in rows("meta-rewarding-table-6").values():
        assert score == pytest.approx((first + second) / 2, abs=0.006)
    for overall, hard, rest, *categories in rows("self-rewarding-mt-bench").values():
        writing, roleplay, reasoning, math, coding, *others = categories
        assert overall == pytest.approx(sum(categories) / 8, abs=0.011)
        assert hard == pytest.approx((reasoning + math + coding) / 3, abs=0.011)
        assert rest == pytest.approx(sum((writing, roleplay, *others)) / 5, abs=0.011)


def test_tables_of_one_paper_agree_where_they_show_the_same():
    size, prompts, several = rows("rlaif-table-3"), rows("rlaif-table-2"), rows("rlaif-table-14")
    assert size["L"][0] == prompts["Detailed + CoT 0-shot"][0] == several["1 sample, T 0"][0] == 78.0
    wins, adjusted = rows("rlaif-table-1"), rows("rlaif-length-adjusted")
    for name in ("RLAIF vs SFT", "RLHF vs SFT", "RLAIF vs RLHF"):
        assert wins[name][:2] == adjusted[name][:2]
    assert rows("self-rewarding-table-5")["additive"][:3] == rows("self-rewarding-table-2")["SFT"][:3]
    for name in ("SR+LC it4, rho 0.1", "MR it4, rho 0.4"):
        assert rows("meta-rewarding-table-4")[name] == rows("meta-rewarding-table-1")[name.split(",")[0]]
    assert round(72.1 - prompts["Base 0-shot"][2], 1) == 2.7
    assert "2.7 (deduced)" in alone(BY_NAME["rlaif-table-2"])


def test_the_page_names_every_table():
    page = (Path(__file__).parents[3] / "docs/how-to/paper-tables.md").read_text()
    lines = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = []
    for line in lines:
        first, *more = re.findall(r"`([^`]+)`", line)
        named += [first, *(first.partition("-table-")[0] + one for one in more)]
    assert sorted(named) == sorted(BY_NAME)


if __name__ == "__main__":
    print(snapshot(), end="")
