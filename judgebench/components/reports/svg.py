"""svg: the checkpoints of a training as a drawing, one panel per measure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from math import isfinite
from xml.sax.saxutils import escape

from judgebench.components.reports.scales import Scale, covering, label, ticks
from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard, Series, by_pair, tables
from judgebench.plugin.kinds import Report
from judgebench.reporting import figures

WIDTH, HEIGHT, LEGEND = 420, 250, 24
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 44, 42
"""Pixels of a panel, of a line of the legend, and of a panel's margins."""
COLUMNS = 2
STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #333 } .small { font-size: 11px; fill: #666 } .name { font-weight: 600 }
.axis { stroke: #999 } .grid { stroke: #999; stroke-opacity: .25 } .band { fill: #3b7dd8; fill-opacity: .18 }
.line { fill: none; stroke: #3b7dd8; stroke-width: 2 } .bar { stroke: #3b7dd8; stroke-opacity: .5 }
.point { stroke: #3b7dd8; stroke-width: 2; fill: #fff } .apart { fill: #3b7dd8 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .small { fill: #aaa } .point { fill: #0d1117 }
.apart { fill: #6ea8ff } .band { fill: #6ea8ff } .line, .point, .bar { stroke: #6ea8ff } }"""


@dataclass(frozen=True)
class Svg(Report):
    """Small multiples: a line through the estimates of each measure over the steps, with the band of their intervals.

    Filled points are told apart from the first step (adjusted for all pairs), hollow ones are not. Steps stand as far
    apart as the last numbers in their names where all have one and they grow, else evenly. A step without an estimate
    has no point, and the line goes on to the next.
    """

    name = "svg"
    summary = "every measure over the steps of a training, as a drawing"
    suffix = ".svg"

    def render(self, board: Leaderboard) -> str:
        """The drawing: it needs no font, script or file beside it, and follows the reader's light or dark theme."""
        pairs = by_pair(board)
        panels = [
            _panel(board, key, steps, pairs)
            for series in board.series
            for key, rows in tables(board)
            if (steps := _steps(series, rows))
        ]
        rows = -(-len(panels) // COLUMNS)
        width = WIDTH * min(COLUMNS, max(len(panels), 1))
        legend = _legend(board, width, HEIGHT * rows) if panels else []
        height = HEIGHT * rows + LEGEND * len(legend) if panels else 40
        size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
            f"<title>{_text(board.title)}</title>",
            f"<style>{STYLE}</style>",
        ]
        if not panels:
            parts.append('<text x="8" y="24">No subject of this board belongs to a series of checkpoints.</text>')
        for number, panel in enumerate(panels):
            parts.append(f'<g transform="translate({number % COLUMNS * WIDTH} {number // COLUMNS * HEIGHT})">')
            parts += [*panel, "</g>"]
        if legend:
            parts += ['<g class="legend">', *legend, "</g>"]
        return "\n".join([*parts, "</svg>"]) + "\n"


Pairs = Mapping[tuple[str, str, str | None, str, str], Comparison]


def _steps(series: Series, rows: list[Estimate]) -> list[Estimate]:
    """The estimates of a series, in ten digits: of the same board every machine draws the same."""
    of = {row.subject: row for row in rows}
    whole = [of[name] for name in series.subjects if name in of]
    return [
        replace(row, value=figures.kept(row.value), low=figures.kept(row.low), high=figures.kept(row.high))
        for row in whole
    ]


def _legend(board: Leaderboard, width: int, top: int) -> list[str]:
    """What the marks mean: as few lines as the width allows."""
    levels = sorted({f"{100 * row.confidence:g}" for row in board.estimates})
    apart = f" at {100 * (1 - board.comparisons[0].confidence):g} %" if board.comparisons else ""
    entries = [
        ('<circle class="point apart" cx="6" cy="12" r="4"/>', f"separable from the first{apart}", 210),
        ('<circle class="point" cx="6" cy="12" r="4"/>', "not separable", 110),
        ('<rect class="band" y="6" width="12" height="12"/>', f"{' or '.join(levels)} % interval", 110),
    ]
    lines: list[list[str]] = [[]]
    at = LEFT
    for mark, text, room in entries:
        if at + room > width:
            lines.append([])
            at = LEFT
        lines[-1] += [f'<g transform="translate({at} {top + LEGEND * (len(lines) - 1)})">', mark]
        lines[-1] += [f'<text class="small" x="18" y="16">{text}</text>', "</g>"]
        at += room
    return ["\n".join(line) for line in lines]


def _panel(board: Leaderboard, key: tuple[str, str, str | None], steps: list[Estimate], pairs: Pairs) -> list[str]:
    """One measure: heading, axes, band, line, points."""
    benchmark, measure, judge = key
    places = _places([step.subject for step in steps])
    x = Scale(*covering(places), LEFT, WIDTH - RIGHT)
    y = Scale(*covering([end for step in steps for end in _ends(step)]), HEIGHT - BOTTOM, TOP)
    heading, unit = measure if benchmark == board.benchmark else f"{benchmark}: {measure}", _unit(board, key)
    found = [f'<text class="name" x="{LEFT}" y="18">{_text(_short(heading, 48 - len(unit)) + unit)}</text>']
    counts = sorted({step.n for step in steps})
    n = f"n = {counts[0]}" + (f" to {counts[-1]}" if len(counts) > 1 else "")
    under = n if judge is None else f"judged by {_short(judge, 46 - len(n))}, {n}"
    found.append(f'<text class="small" x="{LEFT}" y="34">{_text(under)}</text>')
    found += _axes(x, y, steps, places)
    ends = [_ends(step) for step in steps]
    across = list(zip(map(x, places), ends, strict=True))
    if len(steps) > 1:
        outline = [(at, y(high)) for at, (_, high) in across] + [(at, y(low)) for at, (low, _) in reversed(across)]
        found.append(f'<polygon class="band" points="{_points(outline)}"/>')
        line = [(at, y(step.value)) for (at, _), step in zip(across, steps, strict=True)]
        found.append(f'<polyline class="line" points="{_points(line)}"/>')
    for (at, (low, high)), step in zip(across, steps, strict=True):
        found.append(f'<line class="bar" x1="{at:.1f}" y1="{y(low):.1f}" x2="{at:.1f}" y2="{y(high):.1f}"/>')
        c = pairs.get((step.benchmark, step.measure, step.judge, step.subject, steps[0].subject))
        mark = "point apart" if c is not None and figures.separable(c) else "point"
        told = _text(f"{step.subject}: {figures.value(step)} ({figures.interval(step)})")
        place = f'cx="{at:.1f}" cy="{y(step.value):.1f}"'
        found.append(f'<circle class="{mark}" {place} r="4"><title>{told}</title></circle>')
    return found


def _ends(step: Estimate) -> tuple[float, float]:
    """The ends of the interval; an open end is drawn at the estimate."""
    low = step.value if step.method == "at most" else step.low
    high = step.value if step.method == "at least" else step.high
    return min(low, step.value), max(high, step.value)


def _axes(x: Scale, y: Scale, steps: list[Estimate], places: list[float]) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    marks = ticks(y.low, y.high, 5)
    for mark in marks:
        line = f"{y(mark):.1f}"
        yield f'<line class="grid" x1="{LEFT}" y1="{line}" x2="{right}" y2="{line}"/>'
        text = label(mark, marks[1] - marks[0] if len(marks) > 1 else 1.0)
        yield f'<text class="small" x="{LEFT - 6}" y="{y(mark) + 4:.1f}" text-anchor="end">{text}</text>'
    yield f'<line class="axis" x1="{LEFT}" y1="{bottom}" x2="{right}" y2="{bottom}"/>'
    shared, names = _told_apart([step.subject for step in steps])
    taken = 0.0
    for place, whole in zip(places, names, strict=True):
        at, name = x(place), _short(whole, 12)
        half = 3.2 * len(name) + 2
        middle = min(at, WIDTH - half)  # a long last name stays on the panel
        yield f'<line class="axis" x1="{at:.1f}" y1="{bottom}" x2="{at:.1f}" y2="{bottom + 4}"/>'
        if middle - half >= taken:  # names that would overlap are left out; each point tells its own
            taken = middle + half
            yield f'<text class="small" x="{middle:.1f}" y="{bottom + 18}" text-anchor="middle">{_text(name)}</text>'
    under = _text(_short(shared.rstrip("-_@/ ."), 40))
    yield f'<text class="small" x="{right}" y="{bottom + 34}" text-anchor="end">{under}</text>'


def _places(names: list[str]) -> list[float]:
    """Where steps stand: at the last numbers in their names, where these grow, else one after the other."""
    found = [_STEP.findall(name.partition("#")[0]) for name in names]
    if all(found):
        numbers = [float(some[-1]) for some in found]
        if isfinite(numbers[-1]) and all(a < b for a, b in pairwise(numbers)):
            return numbers
    return [float(number) for number in range(len(names))]


def _told_apart(names: list[str]) -> tuple[str, list[str]]:
    """What all names begin with, up to a number or a mark between words, and what is left of each."""
    shared = "".join(letters[0] for letters in takewhile(lambda some: len(set(some)) == 1, zip(*names, strict=False)))
    if len(names) == 1 or not all(_NUMBER.fullmatch(name[len(_unnumbered(shared)) :]) for name in names):
        shared = _WORD.sub("", shared)
    shared = _unnumbered(shared)
    return shared, [name[len(shared) :] for name in names]


def _unnumbered(text: str) -> str:
    return text.rstrip("0123456789")


_NUMBER = re.compile(r"\d+")
_STEP = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold, however it is written."""
_WORD = re.compile(r"[^-_@/ .]*\Z")


def _unit(board: Leaderboard, key: tuple[str, str, str | None]) -> str:
    """A measure's unit behind a comma, where the board knows it."""
    for run in board.provenance.get("runs", []):
        if run["benchmark"] == key[0] and key[1] in run.get("measures", {}):
            return f", {run['measures'][key[1]]['unit']}"
    return ""


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


COMPONENT = Svg
