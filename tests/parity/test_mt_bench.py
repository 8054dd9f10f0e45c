"""MT-Bench's recorded votes and judgments: the official counts, and the recorded texts read again."""

import csv
import gzip
import importlib.util
import json
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from judgebench import Completion, Item, Response, Sample, Trial, VerdictError, app
from judgebench.components.benchmarks.mt_bench import COMPONENT as MtBench
from judgebench.components.benchmarks.mt_bench_agreement import COMPONENT as MtBenchAgreement
from judgebench.components.judges.verdict import COMPONENT as Verdict
from judgebench.engine.analyse import build_measures
from judgebench.engine.evidence import gather, load
from judgebench.engine.inference import measured
from judgebench.forms.mt_bench import category

ROOT = Path(__file__).parents[2]
GPT4, TWO_ORDERS, HUMANS = "gpt4_pair", "gpt-4-0613", "humans"
SETUPS = {"S1 with tie": "agreement-s1", "S2 without tie": "agreement-s2"}
WHAT = {
    "gpt4-pair vs human(expert)": (GPT4, "voters=expert"),
    "human(expert) vs human(expert)": (HUMANS, "voters=expert"),
    "gpt4-pair vs human(expert+author)": (GPT4, "voters=all"),
    "human vs human (expert+author)": (HUMANS, "voters=all"),
    "gpt4-pair vs author only": (GPT4, "voters=author"),
    "gpt4-pair consistent only vs expert": (GPT4, "voters=expert,inconsistent=drop"),
}


def script(name):
    spec = importlib.util.spec_from_file_location("script", ROOT / "leaderboards/mt-bench-agreement" / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def known():
    return app.registry()


@pytest.fixture(scope="module")
def folder(recorded):
    return recorded / "mt_bench"


@pytest.fixture(scope="module")
def evidence(folder, known, tmp_path_factory):
    """Votes, GPT-4's verdicts, and the recorded judgments in both orders, imported."""
    out = tmp_path_factory.mktemp("mt-bench")
    script("verdicts.py").main(folder, out)
    files = [folder / "human.jsonl.gz", folder / "gpt4_pair.jsonl.gz", out / "gpt-4-0613_pair.jsonl"]
    app.import_run("mt-bench", files, out / "run", known)
    (evidence,) = gather([load(out / "run")])
    return evidence


@pytest.fixture(scope="module")
def mirror(folder, tmp_path_factory):
    """The hub's files, made of the recorded ones."""
    out = tmp_path_factory.mktemp("mirror")
    script("mirror.py").main(folder, out)
    return out


@pytest.fixture(scope="module")
def counted(folder, evidence, known):
    """Votes that agree, and votes that enter, by measure and subject."""
    specs = {spec_of(row)[1] for row in expected(folder)}
    specs |= {f"{setup}/turn-{turn}" for setup in SETUPS.values() for turn in (1, 2)}
    specs |= {"agreement-non-tie", "agreement-non-tie,judge_ties=wrong", "agreement-s2"}
    found = {}
    for one in measured(evidence, build_measures(evidence, known, sorted(specs), "corrected")):
        top, bottom = (sums.sum(axis=0) for sums in one.measure.sums(one.table))
        assert one.support.n.tolist() == bottom.tolist()
        for k, (key, _) in enumerate(one.keys):
            found[one.label, evidence.shown(key)] = (top[k], bottom[k])
    return found


def expected(folder):
    with (folder / "agreement_expected_turn1.csv").open() as file:
        return list(csv.DictReader(file))


def spec_of(row):
    subject, options = WHAT[row["what"]]
    return subject, f"{SETUPS[row['setup']]}/turn-{row['turn']},{options}"


def test_every_published_row_by_its_counts(folder, counted):
    rows = expected(folder)
    assert len(rows) == 12
    for row in rows:
        subject, spec = spec_of(row)
        assert counted[spec, subject] == (int(row["agree"]), int(row["total"])), row


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.parametrize(("setup", "banned"), [("agreement-s1", ()), ("agreement-s2", ("tie",))])
def test_both_turns_as_a_plain_loop_over_votes_counts_them(folder, counted, turn, setup, banned):
    said = defaultdict(lambda: defaultdict(list))
    turned = {"model_a": "model_b", "model_b": "model_a"}
    for row in rows(folder / "human.jsonl.gz") + rows(folder / "gpt4_pair.jsonl.gz"):
        a, b, winner = row["model_a"], row["model_b"], row["winner"]
        winner = "tie" if "tie" in winner else winner if a < b else turned[winner]
        if row["turn"] == turn and winner not in banned:
            said[row["question_id"], *sorted((a, b))][row["judge"].split("_")[0]].append(winner)
    judge, people = Counter(), Counter()
    for votes in said.values():
        judge.update(one == other for one in votes["gpt4"] for other in votes["expert"])
        people.update(one == other for one, other in combinations(votes["expert"], 2))
    assert counted[f"{setup}/turn-{turn}", GPT4] == (judge[True], judge.total())
    assert counted[f"{setup}/turn-{turn}", HUMANS] == (people[True], people.total())


def test_non_tie_votes_over_both_turns_in_both_readings(counted):
    assert counted["agreement-non-tie", GPT4] == (1458, 1723)
    assert counted["agreement-non-tie,judge_ties=wrong", GPT4] == (1458, 2094)
    assert (round(1458 / 1723, 3), round(1458 / 2094, 3)) == (0.846, 0.696)


def test_two_orders_come_to_the_verdicts_of_the_votes_file(evidence, known, counted):
    """The votes file holds what the two orders come to; of a few comparisons only one order is recorded."""
    (agree, n), (as_published, of) = (counted["agreement-s2", judge] for judge in (TWO_ORDERS, GPT4))
    assert agree / n == pytest.approx(as_published / of, abs=0.001)
    assert of - 10 < n < of
    (found,) = measured(evidence, build_measures(evidence, known, ["position-consistency"], "corrected"))
    values = found.prepared.values(np.ones((1, found.table.n_clusters)))[0]
    judges = {evidence.shown(key): k for k, (key, _) in enumerate(found.keys)}
    assert values[judges[TWO_ORDERS]] == pytest.approx(83.9, abs=0.05)
    assert np.isnan(values[judges[GPT4]])


LETTERS = {(1.0, 0.0): "first", (0.0, 1.0): "second", (0.5, 0.5): "tie"}
UNREAD = {
    ("q116-t1-gpt-3.5-turbo-vicuna-13b-v1.2", "ba", 0): "error",
    ("q121-t2-llama-13b-vicuna-13b-v1.2", "ba", 0): "error",
}
"""Texts without a mark, whose recorded verdict is an error: one was cut, the other names neither."""


@pytest.mark.parametrize("parser", ["strict", "mt-bench"])
def test_the_recorded_texts_read_as_the_recorded_verdicts(folder, parser):
    judge = Verdict(model="m", parser=parser)
    recorded = rows(folder / "recorded_gpt-4-0613_pair.jsonl.gz")
    assert len(recorded) == 4910
    trial = Trial(Item("q", ("q",)), (Response((), "a"), Response((), "b")), (0, 1))
    unread = {}
    for row in recorded:
        try:
            found = judge.read(trial, (Sample("m", Completion(row["text"])),))
        except VerdictError:
            unread[row["item_id"], row["order"], row["sample"]] = row["verdict"]
        else:
            assert LETTERS[found.probs] == row["verdict"], row["item_id"]
    assert unread == UNREAD


def test_the_hubs_files_become_the_items_that_the_votes_are_about(mirror, evidence):
    path = str(mirror / "reference_answer/gpt-4.jsonl")
    items = {item.id: item for item in MtBenchAgreement(data_dir=str(mirror), references=path).items()}
    assert (len(items), sum(len(item.votes) for item in items.values())) == (1814, 3355)
    for name, item in items.items():
        theirs = evidence.items[name]
        assert (item.votes, item.subsets, item.cluster) == (theirs.votes, theirs.subsets, theirs.cluster)
        turns = 2 if "turn-2" in item.subsets else 1
        assert [len(response.turns) for response in item.responses] == [turns, turns] == [len(item.turns)] * 2
        assert len(item.reference) == (turns if {"math", "reasoning", "coding"} & set(item.subsets) else 0)
    everything = [item.id for item in MtBenchAgreement(data_dir=str(mirror), comparisons="all").items()]
    assert len(everything) == 2400
    assert set(everything) == set(evidence.items)


def test_the_questions_have_their_own_references_and_temperatures(mirror, folder):
    items = MtBench(data_dir=str(mirror)).items()
    assert items == MtBench(questions=str(folder / "question.jsonl.gz")).items()
    assert [item.stratum for item in items] == [category(int(item.id)) for item in items]
    assert set(Counter(item.stratum for item in items).values()) == {10}
    assert sum(bool(item.reference) for item in items) == 29
    path = str(folder / "reference_answer/gpt-4.jsonl.gz")
    given = MtBench(data_dir=str(mirror), references=path).items()
    assert [len(item.reference) for item in given] == [0] * 20 + [2] * 30 + [0] * 30
