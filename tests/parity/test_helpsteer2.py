"""HelpSteer2's pairs in the forms in which others have passed them on, read by `pairs`."""

import gzip
import json
from collections import Counter

from judgebench.components.benchmarks.pairs import COMPONENT as Pairs


def test_preferences_of_strength_0_are_ties_and_all_others_are_for_the_chosen_one(recorded):
    path = recorded / "helpsteer2/preference_train.json.gz"
    items = Pairs(str(path), strength="preference_strength", category="preference_strength").items()
    assert Counter((item.stratum, item.gold.probs) for item in items) == {
        ("0", (0.5, 0.5)): 27,
        ("1", (1.0, 0.0)): 30,
        ("2", (1.0, 0.0)): 21,
        ("3", (1.0, 0.0)): 17,
    }
    rows = json.loads(gzip.decompress(path.read_bytes()))
    for row, item in zip(rows, items, strict=True):
        assert [response.turns for response in item.responses] == [
            (row[side][-1]["content"],) for side in ("chosen", "rejected")
        ]
    assert sum(bool(item.context) for item in items) == 33  # as many prompts hold earlier turns
    test = Pairs(str(recorded / "helpsteer2/preference_test.json.gz"), strength="preference_strength").items()
    assert Counter(item.gold.probs for item in test) == {(0.5, 0.5): 2, (1.0, 0.0): 3}


def test_pairs_without_labels_are_read_with_their_earlier_turns(recorded):
    items = Pairs(str(recorded / "helpsteer2/unlabelled_pairs.jsonl.gz"), prompt="input").items()
    assert len(items) == 466
    assert all(item.gold is None and len(item.turns) == 1 for item in items)
    assert sum(bool(item.context) for item in items) == 147
    for item in items:
        assert [message.role for message in item.context] == ["user", "assistant"] * (len(item.context) // 2)
