"""The page of verdict tables, as `import table` reads them."""

from docs.generator.markdown import code, mono, page, prose, table
from judgebench.components.imports.table import USUAL, Table

INTRODUCTION = """
`judgebench import table FILE... --benchmark SPEC --out RUN` makes a run of the verdicts of any tool, one a row.
"""
PLAIN = """
item,subject,opponent,judge,order,preference,response.length,opponent.length
q1,iter2,base,gpt-4.1,0,0.91,812,640
q1,iter2,base,gpt-4.1,1,0.74,812,640
q2,iter2,base,gpt-4.1,0,0.35,1204,990
q2,iter2,base,gpt-4.1,1,,1204,990
"""
LABELS = """
item,judge,order,label,gold,category
p1,my-judge,0,win,a,maths
p1,my-judge,1,loss,a,maths
p2,my-judge,0,tie,b,code
"""


def verdict_table_page() -> str:
    """The columns, what measures read of them, and examples."""
    return page(
        "Verdict tables",
        INTRODUCTION,
        prose(Table.__doc__),
        "## What measures read\n\nThese of the numbers are known to measures that ship; any other may be given too.",
        table(("column", "who reads it"), [(mono(name), READERS[name]) for name in USUAL]),
        "## Examples\n\nA policy against a baseline, in both orders; the last verdict is missing:",
        code(PLAIN.strip("\n"), "text"),
        "Ready pairs with a gold label, judged:",
        code(LABELS.strip("\n"), "text"),
    )


READERS = {
    "response.length": "`average-length`, `lc-win-rate`, `length-adjusted-win-rate`, and of judges `length-bias` and "
    "others that know lengths",
    "opponent.length": "the same, but for `average-length`",
    "item.difficulty": "`lc-win-rate`",
    "response.row": "`lc-win-rate`: the place in the official file, which decides the folds and, in official mode, the "
    "difficulty",
}
"""By the usual columns: a test holds that all of them stand here."""
