"""Arena-Hard's recorded files: style counted anew, and the scores that the recorded battles hold."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from judgebench.components.imports.arena_hard import COMPONENT as ArenaHard
from judgebench.core.item import Miss
from judgebench.forms.answers import read_answers
from judgebench.forms.files import read_rows
from judgebench.measuring.style import style, tokens

SCORES = {"gpt-4-0613": 37.90192926045016, "gpt-3.5-turbo-0125": 23.338048090523337}
BATTLES = "arena_hard/v0.1/battles_gpt-4-1106-preview.jsonl.gz"


@pytest.fixture(scope="module")
def answers(recorded):
    """Every recorded answer, by file and item."""
    files = sorted((recorded / "arena_hard/v0.1/model_answer").glob("*.jsonl.gz"))
    return {(file.name, item): answer for file in files for item, answer in read_answers(file).by_id.items()}


def test_style_counted_anew_is_the_recorded_one(answers):
    different = {}
    for place, answer in answers.items():
        counted = {name: answer.features[name] for name in ("headers", "lists", "bold")}
        if (anew := style("\n".join(answer.turns))) != counted:
            different[place] = (anew, counted)
    assert len(answers) == 3_000
    assert len(different) <= 20, different


def test_pieces_stand_in_for_recorded_tokens(answers):
    pieces = np.array([sum(map(tokens, answer.turns)) for answer in answers.values()])
    counted = np.array([answer.features["tokens"] for answer in answers.values()])
    assert np.corrcoef(pieces, counted)[0, 1] > 0.99
    assert 0.95 < pieces.sum() / counted.sum() < 1.05


def test_recorded_battles_give_the_published_scores(recorded):
    games = list(ArenaHard().read([recorded / BATTLES]))
    won, weight, judged = defaultdict(float), Counter(), Counter()
    for game in games:
        assert not isinstance(game.verdict, Miss)
        strength = 3 if ">>" in game.verdict.label else 1
        won[game.policy] += strength * game.verdict.probs[game.order.index(0)]
        weight[game.policy] += strength
        judged[game.policy, game.order, game.repeat] += 1
    assert weight == Counter(row["model_b"] for _, row in read_rows(recorded / BATTLES))
    assert judged == {(model, order, 0): 500 for model in SCORES for order in ((1, 0), (0, 1))}
    assert {game.item.baseline.author for game in games} == {"gpt-4-0314"}
    assert {model: 100 * won[model] / weight[model] for model in won} == pytest.approx(SCORES, abs=1e-9)


def test_recorded_answers_go_with_the_battles(recorded):
    folder = recorded / "arena_hard/v0.1/model_answer"
    for game in ArenaHard(answers=str(folder)).read([recorded / BATTLES]):
        for response in (game.response, game.item.baseline):
            assert len(response.turns) == 1
            assert set(response.features) == {"tokens", "headers", "lists", "bold"}
