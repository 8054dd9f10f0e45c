"""The backend keeps the rules of its kind, with a real model."""

import pytest
from judgebench_llamacpp.backend import LlamaCpp

from judgebench.testing import conformance, make_all

pytestmark = pytest.mark.model


def test_one_slot_that_repeats_itself_conforms(model: str) -> None:
    not_made = make_all(conformance(LlamaCpp, model=model, n_ctx=512, deterministic=True))
    assert not_made == {"says that a secret is missing": "it needs no secret"}


@pytest.mark.slow  # each check opens the model
def test_several_slots_conform(model: str) -> None:
    not_made = make_all(conformance(LlamaCpp, model=model, n_ctx=512, parallel=3))
    assert set(not_made) == {"answers equal greedy requests alike", "says that a secret is missing"}
