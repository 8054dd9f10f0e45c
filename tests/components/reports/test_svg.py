"""The trajectory as a drawing: what is drawn where, and that a browser draws it."""

import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture import colours
from trainings import board, estimate

from judgebench.components.reports.scales import Scale, covering, label, ticks
from judgebench.components.reports.svg import COMPONENT as Svg
from judgebench.core.leaderboard import Leaderboard, Series

SPACE = "{http://www.w3.org/2000/svg}"


def drawn(made):
    return ElementTree.fromstring(Svg().render(made))


def circles(panel):
    return [(mark.get("class"), float(mark.get("cx")), float(mark.get("cy"))) for mark in panel.iter(f"{SPACE}circle")]


def test_a_panel_a_measure_with_a_point_a_step():
    rates, lengths, _ = drawn(board()).findall(f"{SPACE}g")
    (_, x9, y9), (_, x10, y10), (apart, x30, y30) = circles(rates)
    assert apart == "point apart"
    assert [mark for mark, _, _ in circles(rates)] == ["point", "point", "point apart"]
    assert (x30 - x10) == pytest.approx(20 * (x10 - x9), rel=0.02)  # steps 9, 10 and 30, to a tenth of a pixel
    assert (y9 - y30) == pytest.approx(5 * (y9 - y10), rel=0.01)  # 45, 47 and 55: up is more
    assert len(circles(lengths)) == 1
    texts = [text.text for text in rates.iter(f"{SPACE}text")]
    assert {"win-rate", "judged by gpt, n = 63 to 64", "30", "step"} <= set(texts)
    assert "step-30: 55.0 (51.0 to 59.5)" in [title.text for title in rates.iter(f"{SPACE}title")]


def test_the_same_board_gives_the_same_bytes_and_nothing_from_elsewhere():
    text = Svg().render(board())
    assert text == Svg().render(board())
    assert text.count("http") == 1  # the name of the format
    assert "<script" not in text


def test_names_cannot_break_out_and_long_ones_are_cut():
    name = "<b>&" + "x" * 90 + "-1"
    rows = (estimate(name, "<i>", 5.0, '"judge"' * 20),)
    made = Leaderboard("<t>", "starter", "corrected", rows, (), {}, (Series("s", "policy", (name,)),))
    texts = [text.text for text in drawn(made).iter(f"{SPACE}text")]
    assert "<i>" in texts
    assert max(map(len, texts)) <= 58


def test_a_long_judge_leaves_room_for_n():
    rows = (estimate("a-1", "win-rate", 5.0, "j" * 90),)
    made = Leaderboard("t", "starter", "corrected", rows, (), {}, (Series("s", "policy", ("a-1",)),))
    (under,) = (text.text for text in drawn(made).iter(f"{SPACE}text") if "judged by" in text.text)
    assert under.endswith("j…, n = 64")
    assert len(under) <= 58


@pytest.mark.parametrize(
    "names",
    [
        ("sft", "dpo-final", "merged-model"),
        ("longest-name", *"bcdefghij", "longest-last"),
    ],
)
def test_names_of_steps_stay_on_their_panel_and_off_each_other(names):
    rows = tuple(estimate(name, "accuracy", 5.0, None) for name in names)
    made = Leaderboard("t", "starter", "corrected", rows, (), {}, (Series("s", "policy", names),))
    panel = drawn(made).find(f"{SPACE}g")
    shown = [text for text in panel.iter(f"{SPACE}text") if text.text in names]
    assert shown[0].text == names[0]
    assert len(shown) > 2
    half = [6.0 * len(text.text) / 2 for text in shown]  # what a letter of 11 pixels takes, on average
    ends = [(float(text.get("x")) - wide, float(text.get("x")) + wide) for text, wide in zip(shown, half, strict=True)]
    assert all(left >= 0 and right <= 420 for left, right in ends)
    assert all(right < left for (_, right), (left, _) in pairwise(ends))


def test_what_xml_cannot_hold_is_marked():
    name = "a\x1b[1m\ud800-1"
    made = Leaderboard("t\0", "starter", "corrected", (estimate(name, "accuracy", 5.0, None),))
    made = replace(made, series=(Series("s", "policy", (name,)),))
    assert drawn(made).findtext(f"{SPACE}title") == "t\ufffd"
    assert "a\ufffd[1m\ufffd-1: 5.0 (1.0 to 9.5)" in [title.text for title in drawn(made).iter(f"{SPACE}title")]


def test_unit_and_marks_are_told():
    run = {"benchmark": "starter", "notes": [], "measures": {"win-rate": {"unit": "%", "better": "higher"}}}
    texts = [text.text for text in drawn(replace(board(), provenance={"runs": [run]})).iter(f"{SPACE}text")]
    assert {"win-rate, %", "average-length"} <= set(texts)
    assert texts[-3:] == ["separable from the first at 5 %", "not separable", "95 % interval"]


@pytest.mark.parametrize(
    ("names", "places"),
    [
        (("step-10-policy", "step-20-policy", "step-50-policy"), (0, 1, 4)),
        (("epoch-0.5", "epoch-1.0", "epoch-2.5"), (0, 1, 4)),
        (("v2", "v2-b", "v2-c"), (0, 1, 2)),  # no growing numbers
        (("sft", "dpo", "step-9"), (0, 1, 2)),
    ],
)
def test_steps_stand_at_the_last_numbers_of_their_names(names, places):
    rows = tuple(estimate(name, "accuracy", 5.0, None) for name in names)
    made = Leaderboard("t", "starter", "corrected", rows, (), {}, (Series("s", "policy", names),))
    across = [x for _, x, _ in circles(drawn(made).find(f"{SPACE}g"))]
    shown = [(x - across[0]) / (across[1] - across[0]) for x in across]
    assert shown == pytest.approx(places, abs=0.02)


def test_what_differs_in_the_last_bits_alone_is_drawn_alike():
    here, there = (estimate("a-1", "accuracy", 100 / 3 * factor, None) for factor in (1, 1 + 1e-15))
    assert here != there
    made = Leaderboard("t", "starter", "corrected", (here,), (), {}, (Series("s", "judge", ("a-1",)),))
    assert Svg().render(made) == Svg().render(replace(made, estimates=(there,)))


def test_a_bound_is_drawn_at_its_estimate_and_a_board_without_a_series_says_so():
    row = replace(estimate("a-1", "bradley-terry", 900.0, None), method="at least", high=float("inf"))
    made = Leaderboard("t", "starter", "corrected", (row,), (), {}, (Series("s", "policy", ("a-1",)),))
    assert "inf" not in Svg().render(made)
    empty = Leaderboard("t", "starter", "corrected", (row,))
    assert [text.text for text in drawn(empty).iter(f"{SPACE}text")] == [
        "No subject of this board belongs to a series of checkpoints."
    ]


finite = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


@given(finite, finite, st.integers(3, 9))
def test_ticks_are_round_few_and_inside(a, b, most):
    low, high = covering([a, b])
    found = ticks(low, high, most)
    assert 1 <= len(found) <= most
    assert all(low - 1e-6 * (high - low) <= tick <= high + 1e-6 * (high - low) for tick in found)
    steps = {round((y - x) / (high - low), 6) for x, y in pairwise(found)}
    assert len(steps) <= 1
    if steps:
        texts = [label(tick, found[1] - found[0]) for tick in found]
        assert len(set(texts)) == len(texts)
        numbers = [float(text.replace("−", "-")) for text in texts]
        assert numbers == pytest.approx(found, abs=1e-6 * (high - low))


def naive_ticks(low, high, most):
    """The finest round step that gives so few: every one is tried, in exact numbers."""
    edge = Fraction(1, 10**9)
    for step in (factor * Fraction(10) ** power for power in range(-6, 6) for factor in (1, 2, Fraction(5, 2), 5)):
        first, last = ceil(Fraction(low) / step - edge), floor(Fraction(high) / step + edge)
        if last - first < most:
            return [float(k * step) for k in range(first, last + 1)]
    raise AssertionError("no step is coarse enough")


@given(st.floats(-1e3, 1e3), st.floats(0.01, 1e3), st.integers(3, 9))
def test_ticks_are_those_that_a_search_finds(low, width, most):
    low, high = round(low, 2), round(low, 2) + round(width, 2)
    assert ticks(low, high, most) == pytest.approx(naive_ticks(low, high, most))


@given(finite, finite, finite)
def test_a_scale_keeps_order_and_ends(a, b, c):
    low, high = covering([a, b])
    scale = Scale(low, high, 10, 110)
    assert scale(low) == pytest.approx(10)
    assert scale(high) == pytest.approx(110)
    assert (scale(a) < scale(c)) == (a < c) or abs(a - c) < 1e-6 * (high - low)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium")
@pytest.mark.parametrize(("theme", "line"), [("light", "3b7dd8"), ("dark", "6ea8ff")])
def test_a_browser_draws_it_in_both_themes(tmp_path, theme, line):
    (tmp_path / "t.svg").write_text(Svg().render(board()), encoding="utf-8")
    (tmp_path / "t.html").write_text(f'<meta name="color-scheme" content="{theme}"><img src="t.svg">')
    flags = "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run"
    command = ["chromium", *flags.split(), f"--user-data-dir={tmp_path}/profile", "--window-size=900,320"]
    command += [f"--screenshot={tmp_path}/t.png", (tmp_path / "t.html").as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    size, found = colours(tmp_path / "t.png")
    assert size == (900, 320)
    assert found[line] > 300  # the lines and the filled points: a page about an error has none of that colour
    assert len(found) > 50  # the edges of letters
