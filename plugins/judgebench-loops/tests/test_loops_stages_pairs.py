"""The pairs of Self-Rewarding and Meta-Rewarding on scripted models, computed again from the records by plain code."""

import math
import re
from collections import Counter
from statistics import pvariance

import pytest
from loops_data_kit import CANDIDATES, JUDGED, PAIRS, judged, means, said_to
from loops_kit import lines, loop, made, prompts, read, record, rows, scripted, text_of


def test_self_rewardings_pairs(tmp_path):
    of = loop(tmp_path, "self-rewarding", prompts={"path": str(prompts(tmp_path, 10))})
    marks, _ = made(of, PAIRS)
    candidates = said_to(of)
    expected = {}
    for name, columns in judged(of, candidates, 3).items():
        scored = [(score, k) for k, score in enumerate(means(columns)) if score is not None]
        best, worst = max(scored, key=lambda one: (one[0], -one[1])), min(scored)
        if best[0] > worst[0]:
            texts = list(candidates[name])
            expected[f"response:{name}"] = (texts[best[1]], texts[worst[1]], best[0], worst[0])
    found = {
        row["id"]: (text_of(row["chosen"]), text_of(row["rejected"]), *row["lineage"]["scores"])
        for row in rows(of, PAIRS)
    }
    assert found.keys() == expected.keys()
    for name, (chosen, rejected, *scores) in expected.items():
        assert found[name][:2] == (chosen, rejected)
        assert found[name][2:] == pytest.approx(tuple(scores))
    assert len(found) >= 6
    assert marks[PAIRS].rows + sum(marks[PAIRS].dropped.values()) == marks[JUDGED].rows
    assert marks[JUDGED].rows + sum(marks[JUDGED].dropped.values()) == marks[CANDIDATES].rows
    assert marks[CANDIDATES].rows + sum(marks[CANDIDATES].dropped.values()) == marks["iteration-1/prompts"].rows == 10


def test_length_tiers_and_the_longest_chosen(tmp_path):
    of = loop(
        tmp_path,
        "meta-rewarding",
        prompts={"path": str(prompts(tmp_path, 10))},
        iterations=[{"pairs": {"rho": 0.32, "longest_chosen": 34}, "meta": {"on": False}}],
    )
    marks, _ = made(of, PAIRS)
    candidates = said_to(of)
    expected, dropped = {}, Counter()
    for name, columns in judged(of, candidates, 4).items():
        texts = list(candidates[name])
        scored = [(score, text) for score, text in zip(means(columns), texts, strict=True) if score is not None]
        high, low = max(scored)[0], min(scored)[0]
        if high == low:
            dropped["equal scores"] += 1
            continue
        top = [text for score, text in scored if score >= 0.68 * high + 0.32 * low - 1e-9]
        bottom = [text for score, text in scored if score <= 0.68 * low + 0.32 * high + 1e-9]
        chosen, rejected = min(top, key=len), max(bottom, key=len)
        if len(chosen) > 34:
            dropped["chosen response too long"] += 1
        else:
            expected[f"response:{name}"] = (chosen, rejected)
    found = {row["id"]: (text_of(row["chosen"]), text_of(row["rejected"])) for row in rows(of, PAIRS)}
    assert found == expected
    assert marks[PAIRS].dropped == dropped
    assert len(found) >= 3
    assert dropped


def test_a_margin_and_another_judge_that_scores(tmp_path):
    """`scores` decides the pairs of responses; a margin drops those that are too near."""
    kinder = {"backend": "scripted", "replies": ["Score: 4", "Score: 4.5", "Score: 5"]}
    of = loop(
        tmp_path,
        "self-rewarding",
        models={"kinder": kinder},
        scores={"judge": "additive", "model": "kinder"},
        pairs={"margin": 1.0},
        candidates={"n": 4},
    )
    marks, _ = made(of, PAIRS)
    assert all(row["lineage"]["scores"] == [5.0, 4.0] for row in rows(of, PAIRS))
    assert sum(marks[PAIRS].dropped.values()) == 6 - marks[PAIRS].rows
    assert not (of.out / JUDGED).exists()
    scores = [row["scores"] for row in read(of.out / "iteration-1" / "scores" / "judgments.jsonl")]
    expected = sum(max(x for (x,) in row) - min(x for (x,) in row) >= 1 for row in scores)
    assert marks[PAIRS].rows == expected


def strengths(battles, ridge):
    """Bradley-Terry by slow and plain ascent."""
    n = len(battles)
    eps = [0.0] * n
    for _ in range(60000):
        slope = [-ridge * e for e in eps]
        for m in range(n):
            for k in range(n):
                pull = battles[m][k] / (1 + math.exp(eps[m] - eps[k]))
                slope[m] += pull
                slope[k] -= pull
        eps = [e + 0.5 * s for e, s in zip(eps, slope, strict=True)]
        if max(map(abs, slope)) < 1e-9:
            break
    return eps


@pytest.mark.parametrize("scope", ["iteration", "prompt"])
def test_meta_rewardings_pairs_of_judgments(scope, tmp_path):
    of = loop(tmp_path, "meta-rewarding", meta={"scope": scope, "ridge": 0.1})
    marks, _ = made(of, PAIRS)
    candidates = said_to(of)
    by_prompt = judged(of, candidates, 4)
    verdicts = {}
    for row in record(of, "iteration-1/meta-judging", "verdict"):
        name, _, pair = row["item"].rpartition("/")
        ends = [int(k) for k in pair.split("-")]
        first, second = (ends[k] for k in row["order"])
        marks_ = set(re.findall(r"\[\[([ABC])\]\]", row["samples"][0]["completion"]["text"]))
        word = {"A": 1, "B": -1, "C": 0}[marks_.pop()] if len(marks_) == 1 else 0
        verdicts.setdefault(name, {})[first, second] = word
    wins = Counter(word for own in verdicts.values() for word in own.values())
    found = {row["lineage"]["prompt"]: row for row in rows(of, PAIRS) if row["lineage"]["kind"] == "judgment"}
    expected = set()
    for name, own in verdicts.items():
        counted = wins if scope == "iteration" else Counter(own.values())
        both = counted[1] + counted[-1]
        weights = (counted[-1] / both, counted[1] / both) if both else (0.5, 0.5)
        size = 1 + max(k for pair in own for k in pair)
        battles = [
            [weights[0] * (own.get((m, n)) == 1) + weights[1] * (own.get((n, m)) == -1) for n in range(size)]
            for m in range(size)
        ]
        eps = strengths(battles, 0.1)
        if max(eps) - min(eps) < 1e-6:
            continue
        expected.add(name)
        row = found[name]
        response = row["lineage"]["response"]
        spread = [pvariance([s for s, _ in column if s is not None] or [0]) for column in by_prompt[name]]
        assert spread[response] == pytest.approx(max(spread))
        told = list(dict.fromkeys((t, s) for s, t in by_prompt[name][response] if s is not None))
        assert len(told) == size
        assert set(own) == {(m, n) for m in range(size) for n in range(size) if m != n}
        chosen, rejected = (
            told.index((text_of(row[key]), score))
            for key, score in zip(("chosen", "rejected"), row["lineage"]["scores"], strict=True)
        )
        assert eps[chosen] == pytest.approx(max(eps), abs=1e-4)
        assert eps[rejected] == pytest.approx(min(eps), abs=1e-4)
        assert row["lineage"]["strengths"] == pytest.approx([max(eps), min(eps)], abs=1e-4)
        assert row["lineage"]["position weights"] == pytest.approx(weights)
        prompt = text_of(row["prompt"])
        assert list(candidates[name])[response] in prompt
    assert found.keys() == expected
    assert expected
    meta = marks["iteration-1/meta-judging"]
    assert meta.rows + sum(meta.dropped.values()) == marks[JUDGED].rows
    assert meta.facts["comparisons"] == sum(map(len, verdicts.values()))
    assert (meta.facts["won in the first place"], meta.facts["won in the second"]) == (wins[1], wins[-1])


def test_the_share_of_pairs_of_judgments(tmp_path):
    of = loop(tmp_path, "meta-rewarding", meta={"share": 0.25})
    marks, _ = made(of, PAIRS)
    kinds = Counter(row["lineage"]["kind"] for row in rows(of, PAIRS))
    whole = marks["iteration-1/meta-judging"].rows
    assert kinds["judgment"] == kinds["response"] // 3 < whole
    assert marks[PAIRS].dropped["more judgments than their share"] == whole - kinds["judgment"]


def test_the_longest_judgment_and_how_many_meet(tmp_path):
    of = loop(tmp_path, "meta-rewarding", meta={"longest_chosen": 33, "most": 2})
    marks, _ = made(of, PAIRS)
    meta = marks["iteration-1/meta-judging"]
    assert meta.facts["comparisons"] == 2 * (6 - meta.dropped.get("fewer than two distinct judgments", 0))
    judged_ = [row for row in rows(of, PAIRS) if row["lineage"]["kind"] == "judgment"]
    assert all(len(text_of(row["chosen"])) <= 33 for row in judged_)
    assert meta.dropped["chosen judgment too long"] > 0


def test_a_judge_without_texts_gives_no_pairs_of_judgments(tmp_path):
    rules = lines(tmp_path / "rules.jsonl", [{"match": "", "logprobs": {"4": -0.5, "7": -1.0}}])
    of = loop(
        tmp_path,
        "meta-rewarding",
        models={"s": {"backend": "scripted", "path": str(rules)}, "t": scripted("1", "3", "5", "8")},
        judge={"judge": "expected-score", "model": "t"},
    )
    marks, said = made(of, PAIRS)
    assert marks["iteration-1/meta-judging"].rows == 0
    assert marks["iteration-1/meta-judging"].dropped == {"the judge writes no judgments": marks[JUDGED].rows}
    assert "0 pairs of judgments; dropped: " in "\n".join(said)
    assert {row["lineage"]["kind"] for row in rows(of, PAIRS)} == {"response"}


def test_copies_of_a_response_that_stay(tmp_path):
    found = {}
    for allowed in (0, 1, 50):
        of = loop(tmp_path, "meta-rewarding", candidates={"n": 8, "max_tokens": 64, "duplicates": allowed})
        made(of, CANDIDATES)
        texts = read(of.out / CANDIDATES / "candidates.jsonl")
        found[allowed] = {row["id"]: Counter(row["responses"]) for row in texts}
    assert found[0].keys() == found[1].keys() == found[50].keys()
    for name, drawn in found[50].items():
        assert sum(drawn.values()) == 8
        for allowed in (0, 1):
            assert found[allowed][name] == {text: min(count, allowed + 1) for text, count in drawn.items()}
    assert max(count for drawn in found[50].values() for count in drawn.values()) > 2
