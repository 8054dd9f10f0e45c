import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judgebench_hf.sampling import UNIT, Draws, counted, drawn, nucleus

from judgebench import RequestError, Sampling

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch
VALUES = st.lists(st.floats(-8, 8), min_size=2, max_size=40)


def shares(values: list[float], temperature: float = 1.0) -> list[float]:
    """Probabilities by the book, in double precision."""
    powers = [math.exp((value - max(values)) / temperature) for value in values]
    return [power / sum(powers) for power in powers]


def draws(values: list[float], count: int, **sampling: float) -> list[int]:
    tensor = torch.tensor([values])
    sampler = Draws([Sampling(**{"temperature": 1.0, "seed": 11, **sampling})], [False])  # type: ignore[arg-type]
    return [int(sampler(None, tensor.clone())[0].argmax()) for _ in range(count)]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_draws_are_distributed_as_the_softmax(temperature: float) -> None:
    values = [2.0, 1.0, 0.5, 0.0, -0.3, -1.0]
    expected = [4000 * share for share in shares(values, temperature)]
    found = draws(values, 4000, temperature=temperature)
    distance = sum((found.count(n) - mean) ** 2 / mean for n, mean in enumerate(expected))
    assert distance < 20.5  # the 0.999 quantile of chi-square with 5 degrees of freedom
    uniform = sum((found.count(n) - 4000 / 6) ** 2 / (4000 / 6) for n in range(6))
    assert uniform > 200  # the same yardstick tells another distribution apart


def test_the_nucleus_alone_is_drawn_from() -> None:
    values = [math.log(p) for p in (0.5, 0.3, 0.15, 0.05)]
    found = draws(values, 2000, top_p=0.75)
    assert set(found) == {0, 1}
    assert found.count(0) / len(found) == pytest.approx(0.5 / 0.8, abs=0.04)
    assert set(draws(values, 2000)) == {0, 1, 2, 3}


def test_the_likeliest_alone_are_drawn_from_and_the_nucleus_is_theirs() -> None:
    values = [math.log(p) for p in (0.4, 0.3, 0.2, 0.1)]
    found = draws(values, 2000, top_k=2)
    assert set(found) == {0, 1}
    assert found.count(0) / len(found) == pytest.approx(0.4 / 0.7, abs=0.04)
    assert set(draws(values, 500, top_k=2, top_p=0.5)) == {0}  # 0.4 of 0.7; of all it would be less than half
    assert set(draws(values, 2000, top_k=9)) == {0, 1, 2, 3}


@given(VALUES, st.floats(0.01, 0.999))
def test_the_nucleus_is_the_smallest_set_that_holds_top_p(values: list[float], top_p: float) -> None:
    parts = counted(torch.tensor(values, dtype=torch.float32)).tolist()
    kept = nucleus(torch.tensor(parts), top_p).tolist()
    held, wanted = 0, 0
    for part in sorted(parts, reverse=True):
        if held >= top_p * UNIT:
            break
        held, wanted = held + part, part
    assert kept == [part if part >= wanted else 0 for part in parts]
    assert any(kept)


def test_a_nucleus_beyond_the_likeliest_thousand_is_whole() -> None:
    parts = counted(torch.zeros(5000))
    assert int((nucleus(parts, 0.5) > 0).sum()) == 5000  # all are exactly as likely as its last
    sloping = counted(torch.linspace(0, 1, 5000))
    inside = nucleus(sloping, 0.5) > 0
    assert 1024 < int(inside.sum()) < 2500
    assert bool(inside[-1])
    assert not bool(inside[0])


@given(VALUES)
@settings(deadline=None)
def test_counts_are_probabilities(values: list[float]) -> None:
    parts = counted(torch.tensor(values, dtype=torch.float32)).tolist()
    assert [part / UNIT for part in parts] == pytest.approx(shares(values), abs=1e-6)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(any), st.floats(0, 1, exclude_max=True))
def test_a_number_falls_into_the_stretch_of_its_token(parts: list[int], chance: float) -> None:
    stretches = [token for token, part in enumerate(parts) for _ in range(part)]
    assert drawn(torch.tensor(parts), chance) == stretches[int(chance * len(stretches))]


def test_a_row_is_its_own_whatever_its_neighbours_do() -> None:
    rng = random.Random(3)
    logits = torch.tensor([[rng.gauss(0, 2) for _ in range(50)] for _ in range(3)])
    alone = Draws([Sampling(temperature=1.0, seed=5)], [False])
    among = Draws([Sampling(temperature=0.7, seed=9), Sampling(temperature=1.0, seed=5), Sampling()], [False] * 3)
    for _ in range(20):
        together = among(None, logits.clone())
        assert torch.equal(alone(None, logits[1:2].clone())[0], together[1])
        assert torch.equal(together[2], logits[2])


def test_rows_that_have_ended_are_left_alone() -> None:
    logits = torch.zeros(1, 4)
    assert torch.equal(Draws([Sampling(temperature=1.0, seed=5)], [True])(None, logits.clone()), logits)


def test_logits_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(RequestError, match="not numbers"):
        Draws([Sampling()], [False])(None, torch.tensor([[0.0, math.nan]]))
