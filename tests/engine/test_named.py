"""Measures by their specs: options on the command line and on the board."""

import pytest
from toys import known

from judgebench import ConfigError
from judgebench.engine.named import build_measure


def test_a_spec_sets_options_and_the_mode_unless_it_names_one():
    measure = build_measure("arena-score,strength=1,ties=drop", known(), "official").measure
    assert (measure.strength, measure.ties, measure.mode) == (1, "drop", "official")
    assert build_measure("arena-score,mode=corrected", known(), "official").measure.mode == "corrected"
    assert build_measure("wins:average", known(), "official").measure.orders == "average"
    assert build_measure("win-rate", known(), "official").measure.name == "win-rate"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("arena-scores", "no measure 'arena-scores'"),
        ("arena-score,strengths=1", "unknown option 'strengths'"),
        ("arena-score,strength=much", "strength"),
        ("arena-score,strength=0", "strength"),
        ("arena-score@toy:x", "cannot be read"),
        ("x=arena-score", "cannot be read"),
        ("win-rate:3", "takes no value"),
        ("arena-score,ties=none", "ties"),
    ],
)
def test_what_cannot_be_built_is_refused(spec, message):
    with pytest.raises(ConfigError, match=message):
        build_measure(spec, known(), "corrected")
