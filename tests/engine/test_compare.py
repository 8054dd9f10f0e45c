"""compare refuses what it cannot do before it resamples anything, which takes its time."""

import pytest

from judgebench import ConfigError, app
from judgebench.engine import compare
from judgebench.engine.gate import can_close

FEW = {"interval": "percentile", "replicates": 100}
HEADER = "item,subject,opponent,judge,preference,response.length,opponent.length\n"


@pytest.fixture(scope="module")
def known():
    return app.registry()


@pytest.fixture(scope="module")
def runs(known, tmp_path_factory):
    """Of each benchmark a run of so many policies: (folder, policies)."""
    folder = tmp_path_factory.mktemp("compare")
    (folder / "prompts.jsonl").write_text('{"prompt": "q"}')
    wanted = {"starter": ("starter", 13), "two": (f"prompts:{folder / 'prompts.jsonl'}", 2)}
    for name, (benchmark, policies) in wanted.items():
        rows = [f"{k},p{p},base,j,{(k * p) % 7 / 6},{100 + k * p},100" for p in range(policies) for k in range(20)]
        (folder / f"{name}.csv").write_text(HEADER + "\n".join(rows) + "\n")
        how = app.Wanted(benchmark, reference=False, measures=("win-rate", "average-length"))
        app.import_run("table", [folder / f"{name}.csv"], folder / name, known, how)
    return folder


@pytest.fixture
def never(monkeypatch):
    def resampled(*_):
        raise AssertionError("resampled")

    monkeypatch.setattr(compare, "resampled", resampled)


@pytest.mark.parametrize("order", [["starter"], ["two", "starter"]])
@pytest.mark.usefixtures("never")
def test_every_pair_of_many_is_refused_before_anything_is_resampled(order, runs, known):
    with pytest.raises(ConfigError, match="there are 13 subjects, 78 pairs") as caught:
        app.compare([runs / name for name in order], known, **FEW)
    assert "--a" in caught.value.hint


def test_one_of_many_is_compared_with_every_other(runs, known):
    assert len(app.compare([runs / "starter"], known, a="p3", **FEW)) == 12
    assert len(app.compare([runs / "two"], known, **FEW)) == 1


@pytest.mark.parametrize(
    ("gate", "measures", "why"),
    [
        (("worse",), ("average-length",), "neither more nor less of average-length is better"),
        (("better", "worse"), ("win-rate", "average-length"), "neither more nor less of average-length is better"),
        (("different",), (), "of win-rate one is better or worse, never just different"),
        (("equivalent",), ("win-rate",), "without a margin"),
    ],
)
@pytest.mark.usefixtures("never")
def test_a_gate_that_cannot_close_is_refused(gate, measures, why, runs, known):
    with pytest.raises(ConfigError, match="can never close") as caught:
        app.compare([runs / "two"], known, measures=measures, a="p0", b="p1", gate=gate, **FEW)
    assert why in caught.value.message


def test_a_gate_that_can_close_is_let_through(runs, known):
    two = {"a": "p0", "b": "p1", **FEW}
    for gate, measures, margin in (
        (("worse",), (), None),
        (("worse", "different"), ("win-rate", "average-length"), None),
        (("equivalent",), ("average-length",), 5.0),
        (("undecided",), ("average-length",), None),
    ):
        found = app.compare([runs / "two"], known, measures=measures, margin=margin, gate=gate, **two)
        assert found == app.compare([runs / "two"], known, measures=measures, margin=margin, **two)
    can_close((), "average-length", None, None)


def test_a_measure_without_a_better_end_is_compared_where_it_is_asked_for(runs, known):
    two = {"a": "p0", "b": "p1", **FEW}
    assert [one.comparison.measure for one in app.compare([runs / "two"], known, **two)] == ["win-rate"]
    (length,) = app.compare([runs / "two"], known, measures=("average-length",), **two)
    assert length.outcome in ("different", "undecided")
