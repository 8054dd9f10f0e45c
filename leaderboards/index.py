"""Write the index over all landed boards and audits of judges: leaderboards/README.md."""

import json
from pathlib import Path

HERE = Path(__file__).parent
HOW = (
    "[How to read a board](../docs/tutorial/first-run.md#how-to-read-a-line), what its "
    "[intervals and ranks](../docs/explanation/intervals.md) are, and how "
    "[official and corrected](../docs/explanation/official-and-corrected.md) differ."
)


def index() -> str:
    """The index as markdown: one line a board, in the order of their folders; then one an audit."""
    lines = ["# Leaderboards", "", HOW, "", "| board | mode | benchmark | subjects | items |", "|---|---|---|---|---|"]
    for path in sorted(HERE.glob("*/board.json")):
        board = json.loads(path.read_text())
        items = sum(run["items"] for run in board["provenance"]["runs"])
        first = board["estimates"][0]
        subjects = sum(
            (row["measure"], row["judge"]) == (first["measure"], first["judge"]) for row in board["estimates"]
        )
        link = f"[{board['title']}]({path.parent.name}/README.md)"
        lines.append(f"| {link} | {board['mode']} | {board['benchmark']} | {subjects} | {items} |")
    lines += ["", "## Audits of judges", ""]
    for path in sorted((HERE / "judges").glob("*.md")):
        headline = next(line for line in path.read_text().splitlines() if line.startswith("**"))
        lines.append(f"- [{path.stem}](judges/{path.name}): {headline}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (HERE / "README.md").write_text(index())
