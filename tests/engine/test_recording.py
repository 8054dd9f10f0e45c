"""Recordings: what a run's subjects said as nouns, and the requests behind it without asking again."""

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from judgebench import (
    Backend,
    Chat,
    Completion,
    Judge,
    Judged,
    Miss,
    ModelName,
    NextToken,
    Preference,
    RecordError,
    RequestError,
    Score,
    Text,
    Usage,
    collect,
    option,
)


@dataclass(frozen=True)
class Noting(Backend):
    """Notes each request with its answer."""

    name = "noting"
    can = frozenset({Chat, Text, NextToken})
    log: ClassVar[list] = []
    model: str = option(help="a name")

    @asynccontextmanager
    async def open(self, secret):
        yield self

    async def complete(self, request):
        shown = request.messages[-1].content
        if "refuse" in shown:
            raise RequestError("refused")
        number = sum(shown.encode()) + (getattr(getattr(request, "sampling", None), "seed", None) or 0)
        if isinstance(request, NextToken):
            found = Completion(logprobs=(("A", -0.1 - number % 7), ("B", -0.1 - number % 5)), usage=Usage(9, 1))
        else:
            found = Completion(
                f"{self.model} {number} [[{'AB'[number % 2]}]]\nScore: {number % 6}", "stop", Usage(9, 5)
            )
        self.log.append((self.model, request, found))
        return found


@dataclass(frozen=True)
class Twice(Judge):
    """Asks two models one after the other, the second about what the first said."""

    name = "twice"
    model: ModelName = option(help="a model")
    other: ModelName = option(help="a model")
    turned: bool = option(False, help="ask them the other way round", identity=False)

    async def sample(self, trial, ask):
        first, second = (self.other, self.model) if self.turned else (self.model, self.other)
        said = await ask(first, Chat(trial.item.conversation(trial.responses[0])))
        return (said, await ask(second, Chat(trial.item.conversation(replace(trial.responses[1], turns=(said.text,))))))

    def read(self, trial, samples):
        return Preference((1.0, 0.0))


OWN = [Noting, Twice]


@pytest.fixture
def spec(tmp_path):
    """A run file over the items given."""
    Noting.log.clear()

    def of(rows, **more):
        benchmark = more.pop("benchmark", "ranked")
        (tmp_path / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return {"benchmark": f"{benchmark}:{tmp_path / 'items.jsonl'}", "out": str(tmp_path / "run"), **more}

    return of


READY = [{"id": f"i{k}", "prompt": f"Question {k}?", "responses": [f"good {k}", f"bad {k * 3}"]} for k in range(5)]
PROMPTS = [{"id": f"i{k}", "prompt": f"Question {k}?"} for k in range(5)]


def replayed(found):
    """For each judgment what was asked, held against what the backend noted."""
    noted = Counter((model, _plain(request), said.text, said.logprobs) for model, request, said in Noting.log)
    names = Counter()
    for one in found.judgments:
        for request, sample in found.asked(one):
            backend = sample.model.partition(":")[2]
            names[backend, _plain(request), sample.text, sample.completion.logprobs] += 1
    return noted, names


def _plain(request):
    """A request without the seed that the run gives it."""
    return replace(request, sampling=replace(request.sampling, seed=None)) if isinstance(request, Chat) else request


def test_answers_policy_by_policy_in_ranked_order(spec):
    rows = [*PROMPTS, {"id": "x", "prompt": "refuse this"}]
    policies = {name: {"policy": "chat", "model": f"noting:{name}"} for name in ("q", "p")}
    found = collect(spec(rows, benchmark="prompts", policies=policies), OWN)
    assert found.judgments == ()
    assert sorted(item.id for item in found.items) == ["i0", "i1", "i2", "i3", "i4", "x"]
    assert [(one.policy, one.item.id) for one in found.answers] == [(name, i.id) for name in "qp" for i in found.items]
    for one in found.answers:
        if one.item.id == "x":
            assert one.response == Miss("answer", "refused")
            assert one.samples == ()
        else:
            assert one.response.turns == (one.samples[0].text,)
            assert one.response.turns[0].startswith(one.policy)
            assert one.response.finish == ("stop",)


def test_judgments_in_both_orders(spec):
    judge = {"judge": "verdict", "model": "noting:j", "order": "both"}
    found = collect(spec(READY, judges={"v": judge}), OWN)
    assert Counter(one.order for one in found.judgments) == {(0, 1): 5, (1, 0): 5}
    assert [one.item.id for one in found.judgments[::2]] == [item.id for item in found.items]
    for one in found.judgments:
        assert (one.judge, one.policy, one.repeat, one.parts) == ("v", None, 0, ())
        assert isinstance(one.verdict, Preference)
        assert one.verdict.label in one.samples[0].text.partition("[[")[2]
        ((request, sample),) = found.asked(one)
        shown = [one.item.responses[k].turns[0] for k in one.order]
        text = request.messages[-1].content
        assert text.index(f"# Answer A\n{shown[0]}") < text.index(f"# Answer B\n{shown[1]}")
        assert (sample,) == one.samples
    noted, names = replayed(found)
    assert names == noted


def test_parts_and_repeats(spec):
    judge = {"judge": "additive", "model": "noting:j", "samples": 3, "temperature": 0.7, "repeats": 2}
    found = collect(spec(READY, judges={"a": judge}), OWN)
    assert sorted((one.item.id, one.repeat) for one in found.judgments) == [
        (f"i{k}", r) for k in range(5) for r in (0, 1)
    ]
    for one in found.judgments:
        assert isinstance(one.verdict, Score)
        assert len(one.parts) == 3
        scores = [int(sample.text.rpartition(" ")[2]) for sample in one.samples]
        assert [list(part) for part in one.parts] == [scores[k : k + 2] for k in (0, 2, 4)]
        asked = found.asked(one)
        assert [sample.part for _, sample in asked] == [0, 0, 1, 1, 2, 2]
    noted, names = replayed(found)
    assert names == noted
    assert sum(names.values()) == 60


def test_misses(spec):
    rows = [*READY, {"id": "x", "prompt": "refuse this", "responses": ["a", "b"]}]
    found = collect(spec(rows, judges={"a": "rating@noting:j", "l": "logprob@noting:j"}), OWN)
    stages = Counter((one.judge, one.verdict.stage) for one in found.judgments if isinstance(one.verdict, Miss))
    assert stages["a", "ask"] == stages["l", "ask"] == 1
    missed = [one for one in found.judgments if isinstance(one.verdict, Miss) and one.verdict.stage == "ask"]
    for one in missed:
        with pytest.raises(RecordError, match="asks otherwise"):
            found.asked(one)
    unread = [one for one in found.judgments if isinstance(one.verdict, Miss) and one.verdict.stage == "read"]
    for one in unread:  # it was paid for, and says what was asked
        assert len(found.asked(one)) == len(one.samples) > 0


def test_policies_against_a_baseline_and_against_each_other(spec):
    policies = {name: {"policy": "chat", "model": f"noting:{name}"} for name in ("p", "q")}
    judges = {"v": {"judge": "verdict", "model": "noting:j", "order": "both"}}
    rows = [{**row, "baseline": f"baseline {row['id']}"} for row in PROMPTS]
    found = collect(spec(rows, benchmark="prompts", policies=policies, judges=judges), OWN)
    assert Counter((one.policy, one.opponent) for one in found.judgments) == {("p", None): 10, ("q", None): 10}
    answers = {(one.policy, one.item.id): one.response for one in found.answers}
    for one in found.judgments:
        assert one.response == answers[one.policy, one.item.id]
        there = (one.response.turns[0], one.item.baseline.turns[0])
        text = found.asked(one)[0][0].messages[-1].content
        assert text.index(f"# Answer A\n{there[one.order[0]]}") < text.index(f"# Answer B\n{there[one.order[1]]}")


def test_two_policies_and_no_baseline(spec):
    policies = {name: {"policy": "chat", "model": f"noting:{name}"} for name in ("p", "q")}
    judges = {"v": {"judge": "verdict", "model": "noting:j", "order": "both"}}
    found = collect(spec(PROMPTS, benchmark="prompts", policies=policies, judges=judges), OWN)
    answers = {(one.policy, one.item.id): one.response for one in found.answers}
    assert len(found.judgments) == 10
    for one in found.judgments:
        there = (answers[one.policy, one.item.id].turns[0], answers[one.opponent, one.item.id].turns[0])
        assert one.against == answers[one.opponent, one.item.id]
        text = found.asked(one)[0][0].messages[-1].content
        assert text.index(f"# Answer A\n{there[one.order[0]]}") < text.index(f"# Answer B\n{there[one.order[1]]}")


def test_several_models_in_their_order(spec):
    found = collect(spec(READY, judges={"t": {"judge": "twice", "model": "noting:j", "other": "noting:k"}}), OWN)
    noted, names = replayed(found)
    assert names == noted
    assert {name for name, *_ in names} == {"j", "k"}


def test_nothing_is_asked_again(spec):
    judges = {"a": {"judge": "additive", "model": "noting:j", "samples": 2, "temperature": 0.5}}
    found = collect(spec(READY, judges=judges), OWN)
    asked = len(Noting.log)
    for one in found.judgments:
        found.asked(one)
    again = collect(spec(READY, judges=judges), OWN)
    assert len(Noting.log) == asked == 20
    assert again.judgments == found.judgments


def test_what_earlier_runs_of_the_folder_said_is_left_out(spec):
    first = collect(spec(READY, judges={"v": "verdict@noting:j"}), OWN)
    second = collect(spec(READY, judges={"r": "rating@noting:j"}), OWN)
    assert {one.judge for one in first.judgments} == {"v"}
    assert {one.judge for one in second.judgments} == {"r"}
    assert set(second.judges) == {"r"}


@pytest.mark.parametrize("change", ["fewer", "more", "other"])
def test_a_judge_that_asks_otherwise_is_refused(change, spec):
    judge = {"judge": "additive", "model": "noting:j", "samples": 3, "temperature": 0.7}
    found = collect(spec(READY, judges={"a": judge}), OWN)
    own = found.judges["a"]
    other = {
        "fewer": replace(own, samples=2),
        "more": replace(own, samples=4),
        "other": Twice("noting:j", "noting:k"),
    }[change]
    with pytest.raises(RecordError, match="asks otherwise about item 'i") as error:
        replace(found, judges={"a": other}).asked(found.judgments[0])
    assert error.value.hint == "was the record made by another version of the judge?"


def test_within_a_running_loop(spec):
    judges = {"v": {"judge": "verdict", "model": "noting:j"}}

    async def inside():
        found = collect(spec(READY, judges=judges), OWN)
        return [len(found.asked(one)) for one in found.judgments]

    assert asyncio.run(inside()) == [1] * 5


def test_a_judgment_that_was_not_recorded(spec):
    found = collect(spec(READY, judges={"v": "verdict@noting:j"}), OWN)
    made_up = Judged(found.items[0], "v", Preference((1.0, 0.0)))
    with pytest.raises(RecordError, match="asks otherwise"):
        found.asked(made_up)
