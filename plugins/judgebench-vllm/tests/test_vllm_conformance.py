"""The backend keeps the rules of its kind, with a stand-in for the engine."""

from judgebench_vllm.backend import VLLM
from vllm_kit import user
from vllm_stand_in import Engine

from judgebench import Chat, NextToken, Sampling, SequenceScore, Text
from judgebench.testing import conformance, make_all

SHORT = Sampling(max_tokens=6)


def test_it_conforms(engines: list[Engine], model: str) -> None:
    asked = (Chat(user("Is 7 a prime?"), SHORT), Text("1, 2, ", SHORT), NextToken(user("A or B?"), ("A", "B")))
    scored = SequenceScore(user("4 + 5"), "9")
    not_made = make_all(conformance(VLLM, model=model, deterministic=True, requests=(*asked, scored)))
    assert not_made == {"says that a secret is missing": "it needs no secret"}
    assert engines
