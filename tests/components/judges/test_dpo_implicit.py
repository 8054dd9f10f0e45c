"""dpo-implicit: log-probabilities of a policy and its reference as rewards."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import Completion, ConfigError, Item, Response, Sample, Score, Trial, Usage, VerdictError, run
from judgebench.components.judges.dpo_implicit import COMPONENT as DpoImplicit

ITEM = Item("1", ("Question",))
TRIAL = Trial(ITEM, (Response(("one",), "x"), Response(("two",), "y")), (0, 1))
LOGPROBS = {("pi", "one"): (-4.0, 2), ("pi", "two"): (-9.0, 3), ("ref", "one"): (-6.0, 2), ("ref", "two"): (-9.5, 3)}


def verdict(judge, logprobs=LOGPROBS, trial=TRIAL):
    async def ask(model, request, draw=0):
        score, tokens = logprobs[model, request.response]
        return Sample(model, Completion(score=score, usage=Usage(7, tokens)))

    return judge.read(trial, asyncio.run(judge.sample(trial, ask)))


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({"reference": "ref"}, (0.2, 0.05)),
        ({"reference": "ref", "beta": 2.0}, (4.0, 1.0)),
        ({"reference": "ref", "beta": 1.0, "normalise": True}, (-2.0 + 3.0, -3.0 + 9.5 / 3)),
        ({}, (-0.4, -0.9)),
        ({"normalise": True, "beta": 1.0}, (-2.0, -3.0)),
    ],
)
def test_by_hand(options, values):
    assert verdict(DpoImplicit(model="pi", **options)).values == pytest.approx(values)


numbers = st.floats(-1e4, 0)


@given(
    st.lists(st.tuples(numbers, numbers, st.integers(1, 500)), min_size=1, max_size=5),
    st.floats(0.01, 5),
    st.booleans(),
    st.booleans(),
)
def test_it_equals_the_formula_response_by_response(rows, beta, normalise, with_reference):
    texts = [f"r{k}" for k in range(len(rows))]
    logprobs = {}
    expected = []
    for text, (mine, theirs, tokens) in zip(texts, rows, strict=True):
        logprobs["pi", text], logprobs["ref", text] = (mine, tokens), (theirs, tokens)
        difference = mine - (theirs if with_reference else 0)
        expected.append(beta * (difference / tokens if normalise else difference))
    trial = Trial(ITEM, tuple(Response((text,), text) for text in texts), tuple(range(len(rows))))
    judge = DpoImplicit(model="pi", reference="ref" if with_reference else None, beta=beta, normalise=normalise)
    assert verdict(judge, logprobs, trial).values == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_what_gives_no_verdict():
    with pytest.raises(VerdictError, match="the model gave no number"):
        verdict(DpoImplicit(model="pi"), {("pi", "one"): (None, 1), ("pi", "two"): (-1.0, 1)})
    with pytest.raises(VerdictError, match="number of the response's tokens"):
        verdict(DpoImplicit(model="pi", normalise=True), {("pi", "one"): (-1.0, 0), ("pi", "two"): (-1.0, 1)})


@pytest.mark.parametrize("beta", [0.0, -1.0])
def test_a_beta_that_turns_the_order_round_is_refused(beta):
    with pytest.raises(ConfigError, match="beta is"):
        DpoImplicit(model="pi", beta=beta)


def test_a_run_with_two_models(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    row = {"prompt": "q", "response_a": "good", "response_b": "bad", "gold": "a"}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(row) + "\n")
    for name, good, bad in (("pi", -3, -5), ("ref", -4, -1)):
        rules = [{"match": "good", "score": good}, {"match": "bad", "score": bad}]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(rule) + "\n" for rule in rules))
    spec = {
        "benchmark": "pairs:pairs.jsonl",
        "models": {"pi": "scripted:pi.jsonl", "ref": "scripted:ref.jsonl"},
        "judges": {
            "dpo": {"judge": "dpo-implicit", "model": "pi", "reference": "ref", "beta": 1.0},
            "free": {"judge": "dpo-implicit", "model": "ref", "beta": 1.0},
        },
        "measures": ["accuracy"],
    }
    board = run(spec)
    assert {row.subject: row.value for row in board.estimates} == {"dpo": 100.0, "free": 0.0}
    record = (tmp_path / "runs/pairs/record.jsonl").read_text()
    assert '"values":[1.0,-4.0]' in record.replace(" ", "")
    assert Score((1.0, -4.0)) == verdict(
        DpoImplicit(model="pi", reference="ref", beta=1.0),
        {("pi", "one"): (-3, 1), ("pi", "two"): (-5, 1), ("ref", "one"): (-4, 1), ("ref", "two"): (-1, 1)},
    )
