"""Judges that are made of judges, from what a user writes to the board: votes and juries."""

import asyncio

import numpy as np
import pytest
from entrants import environment, refused, setup
from toys import ToyBenchmark

from judgebench import BudgetError, Judge, app
from judgebench.engine.columns import Axis, table
from judgebench.engine.evidence import gather, load
from judgebench.engine.spec import from_mapping, named
from judgebench.judging.of_judges import OfJudges

pytestmark = pytest.mark.usefixtures(environment.__name__)

REPLIES = ["I say [[A]]", "I say [[B]]", "I say [[C]]", "I say nothing"]
MODELS = {"m": {"backend": "scripted", "replies": REPLIES}, "n": {"backend": "scripted", "replies": REPLIES[:2]}}
PLAIN = {"judge": "verdict", "model": "m", "temperature": 0.7}
OTHER = {"judge": "verdict", "model": "n", "temperature": 0.7}
VOTE = {"judge": "vote", "of": PLAIN, "samples": 5}


@pytest.fixture
def script(tmp_path, environment):
    """The name of a script in the working folder that always says the same."""
    (tmp_path / "script.jsonl").write_text('{"match": "", "reply": "[[A]]"}\n')
    return "script.jsonl"


def made(**entries):
    """Entrants by name."""
    return {entrant.subject.name: entrant for entrant, _ in setup(judges=entries, models=MODELS).judges}


def test_both_forms_of_a_vote_are_one_subject(script):
    text = f"vote:verdict@scripted:{script},samples=5,temperature=0.7"
    model = {"m": {"backend": "scripted", "path": script}}
    entries = {
        "text": text,
        "mapping": {"judge": "vote", "of": {"judge": "verdict", "model": "m", "temperature": 0.7}, "samples": 5},
        "list": {"judge": "vote", "of": [f"verdict@scripted:{script},temperature=0.7"]},  # 5 is the default
        "named": {"judge": "vote", "of": "plain"},
        "plain": {"judge": "verdict", "model": "m", "temperature": 0.7, "order": "seeded"},
    }
    found = {entrant.subject.name: entrant for entrant, _ in setup(judges=entries, models=model).judges}
    same = {name: entrant.subject.identity for name, entrant in found.items()}
    assert same["text"] == same["mapping"] == same["list"] == same["named"] != same["plain"]
    assert found["text"].component.judges[0].temperature == 0.7
    assert found["text"].inner[0].subject.identity == found["plain"].subject.identity
    assert [model.backend.name for model in found["text"].models] == ["scripted"]
    assert list(named([text], "judges")) == ["vote-verdict@script"]


def test_both_forms_of_a_jury_are_one_subject():
    entries = {"a": PLAIN, "b": OTHER}
    forms = {
        "text": "jury:a+b",
        "mapping": {"judge": "jury", "of": ["a", "b"]},
        "json": 'jury,of=["a","b"]',
        "written out": {"judge": "jury", "of": [PLAIN, "verdict@n,temperature=0.7"]},
    }
    found = made(**entries, **forms)
    assert all(found[name].subject.identity == found["text"].subject.identity for name in forms)
    assert {model.name for model in found["text"].models} == {"m", "n"}
    weighted = made(**entries, j="jury:a+b,rule=weighted,weights=[3,1]", k="jury:b+a")
    assert weighted["j"].component.weights == (3.0, 1.0)
    identities = [weighted["j"].subject.identity, weighted["k"].subject.identity, found["text"].subject.identity]
    assert all(one not in identities[:number] for number, one in enumerate(identities))


def test_what_can_change_a_verdict_changes_the_subject():
    keys = {
        str(entry): made(j=entry)["j"].subject.key
        for entry in (
            VOTE,
            {**VOTE, "samples": 6},
            {**VOTE, "rule": "mean"},
            {**VOTE, "of": {**PLAIN, "temperature": 0.8}},
            {**VOTE, "of": OTHER},
            {"judge": "jury", "of": [PLAIN]},
            PLAIN,
        )
    }
    assert len(set(keys.values())) == len(keys)


def test_a_preset_sets_options_of_both_and_ones_own_go_before_it():
    vote = made(j="vote:verdict@m,preset=self-taught")["j"].component
    inner = vote.judges[0]
    assert (vote.samples, vote.rule, inner.temperature, inner.top_p) == (32, "plurality", 0.7, 0.9)
    vote = made(j="vote:verdict@m,preset=self-taught,samples=4,temperature=1.0")["j"].component
    assert (vote.samples, vote.judges[0].temperature, vote.judges[0].top_p) == (4, 1.0, 0.9)
    vote = made(j={"judge": "vote", "preset": "self-taught", "of": {**PLAIN, "temperature": 0.2}})["j"].component
    assert (vote.judges[0].temperature, vote.judges[0].top_p) == (0.2, 0.9)
    same = {"judge": "vote", "samples": 32, "rule": "plurality", "of": {**PLAIN, "top_p": 0.9}}
    assert made(j=same)["j"].subject.key == made(j="vote:verdict@m,preset=self-taught")["j"].subject.key


def test_planning_stands_beside_the_whole_judges_options():
    entries = {"a": {**PLAIN, "order": "seeded", "repeats": 3}, "v": {"judge": "vote", "of": "a", "order": "both"}}
    found = {one.subject.name: planning for one, planning in setup(judges=entries, models=MODELS).judges}
    assert (found["v"].order, found["v"].repeats) == ("both", 1)


@pytest.mark.parametrize(
    ("entries", "says", "hint"),
    [
        ({"j": {"judge": "vote", "of": "j"}}, "judge 'j' is made of itself", "name other judges"),
        ({"j": "jury:a+k", "a": PLAIN, "k": "vote:j"}, "judge 'j' is made of itself", ""),
        ({"j": "vote:jury:a+j", "a": PLAIN}, "judge 'j' is made of itself", ""),
        ({"j": {"judge": "vote", "of": {"judge": "jury", "of": ["j"]}}}, "judge 'j' is made of itself", ""),
        ({"j": "jury:a+bb", "a": PLAIN}, "judge 'j': there is no judge 'bb'", "known: "),
        ({"j": "vote:verdct@m,temperature=1"}, "there is no judge 'verdct@m,temperature=1'", "did you mean 'verdict'?"),
        ({"j": {"judge": "vote", "of": {**PLAIN, "limit": 3}}}, "one of its judges sets 'limit'", "beside the whole"),
        (
            {"j": {"judge": "jury", "of": ["a", "verdict@n,order=both"]}, "a": PLAIN},
            "one of its judges sets 'order'",
            "",
        ),
        ({"j": "vote:verdict@m,tempratur=1"}, "unknown option 'tempratur'", "'temperature'?"),
        ({"j": "jury:a+b,rul=mean", "a": PLAIN, "b": OTHER}, "judge 'j': unknown option 'rul'", "'rule'?"),
        ({"j": "vote:a,temperature=1", "a": PLAIN}, "unknown option 'temperature'", "of the run stand with that judge"),
        ({"j": {**VOTE, "temperature": 1.0}}, "option 'temperature' is given twice", "keep one"),
        ({"j": "vote:verdict@m,temperature=1,of=a", "a": PLAIN}, "'of' is given twice", "write 'vote:VALUE' alone"),
        ({"j": "vote@m"}, "judge 'j': 'vote' asks no model", "write vote:JUDGE@m"),
        ({"j": "vote,samples=3"}, "judge 'j': option 'of' is missing", "the judges it is made of"),
        ({"j": "vote:verdict@m"}, "all votes of 'verdict' would be the same: at temperature 0", "temperature=0.7"),
        ({"j": "vote:logprob@m"}, "all votes of 'logprob' would be the same: it draws no text", ""),
        ({"j": "vote:verdict@m,temperature=1,samples=0"}, "judge 'j': Expected `int` >= 1", ""),
        ({"j": {"judge": "vote", "of": ["a", "b"]}, "a": PLAIN, "b": OTHER}, "`of` names 2 judges", "made of one"),
        ({"j": "jury:a+a", "a": PLAIN}, "judge 2 of `of` is there twice", ""),
        ({"j": "vote:verdict@m,preset=self-tought"}, "there is no preset 'self-tought'", "'self-taught'?"),
        ({"j": {"judge": "jury", "of": 3}}, "of=3: that is no judge", "a spec text"),
        ({"j": "jury,of=[1"}, "of=[1", "a list is JSON"),
    ],
)
def test_what_cannot_be_made_is_refused_with_a_hint(entries, says, hint):
    message, hinted = refused(judges=entries, models=MODELS)
    assert says in message
    assert hint in hinted


def test_a_model_that_an_inner_judge_needs_is_checked():
    message, _ = refused(judges={"j": {"judge": "jury", "of": ["logprob@loc:a", PLAIN]}}, models=MODELS)
    assert "needs NextToken, which backend 'loc' cannot do" in message


def run(folder, entries, size=4, **more):
    """How many calls were bought, the lines of verdicts by judge, item and order, and the evidence."""
    registry = app.registry((ToyBenchmark,))
    values = {
        "benchmark": {"benchmark": "toy-bench", "size": size},
        "models": MODELS,
        "judges": {name: {**entry, "order": "both"} for name, entry in entries.items()},
        "out": str(folder),
        "cache": str(folder.parent / "cache.sqlite"),
        **more,
    }
    events = []
    planned = app.plan(from_mapping(values, "t"), registry)
    asyncio.run(app.execute(planned, registry, (events.append,)))
    bought = sum(not event.cached for event in events if type(event).__name__ == "CallDone")
    (evidence,) = gather([load(folder)])
    names = {entrant.subject.key: entrant.subject.name for entrant, _ in planned.setup.judges}
    lines = {(names[line.judge], line.item, line.order): line for line in evidence.content.verdicts.values()}
    return bought, lines, evidence


def test_samples_and_parts_are_in_the_record(tmp_path):
    bought, lines, evidence = run(tmp_path / "run", {"v": VOTE})
    assert bought == 4 * 2 * 5
    readable = {True: 0, False: 0}
    for line in lines.values():
        assert [sample.part for sample in line.samples] == [0, 1, 2, 3, 4]
        texts = [sample.text for sample in line.samples]
        letters = {"[[A]]": (1.0, 0.0), "[[B]]": (0.0, 1.0), "[[C]]": (0.5, 0.5)}
        assert line.parts == tuple(letters.get(text[-5:], ()) for text in texts)
        for part in line.parts:
            readable[bool(part)] += 1
    assert min(readable.values()) > 0
    columns, _ = table(evidence, Axis.of(list(evidence.items.values())), "judge")
    assert columns.parts.shape == (4, 2, 5)
    unit = list(evidence.items).index("i001")
    ((swapped,),) = [[line.parts for (_, item, order), line in lines.items() if (item, order) == ("i001", (1, 0))]]
    said = [1.0 - part[0] if part else np.nan for part in swapped]
    np.testing.assert_array_equal(columns.parts[unit, 1], said)


def test_a_judge_its_vote_and_its_jury_ask_once(tmp_path):
    jury = {"judge": "jury", "of": ["a", "b", "v"], "rule": "mean"}
    bought, lines, _ = run(tmp_path / "run", {"a": PLAIN, "b": OTHER, "v": {**VOTE, "of": "a"}, "j": jury})
    assert bought == 4 * 2 * (1 + 1 + 4)  # the first of the five votes is the plain judge's
    for (name, item, order), line in lines.items():
        if name != "j":
            continue
        a, b, v = (lines[juror, item, order].samples for juror in ("a", "b", "v"))
        assert [sample.completion for sample in line.samples] == [one.completion for one in (*a, *b, *v)]
        assert v[0].completion == a[0].completion
        assert [sample.part % 4096 for sample in line.samples] == [0, 1, *[2] * 5]
    alone, _, _ = run(tmp_path / "alone", {"j": {**jury, "of": [PLAIN, OTHER, VOTE]}})
    assert alone == 0  # another run with the same cache, where nobody but the jury asks


def test_more_samples_buy_only_the_new_ones(tmp_path):
    assert run(tmp_path / "three", {"v": {**VOTE, "samples": 3}})[0] == 4 * 2 * 3
    assert run(tmp_path / "five", {"v": VOTE})[0] == 4 * 2 * 2


def test_a_run_that_was_cut_off_goes_on(tmp_path):
    """A budget that ends amid a trial: what was answered is not bought again."""
    with pytest.raises(BudgetError, match="max_calls"):
        run(tmp_path / "run", {"v": VOTE}, max_calls=17)
    bought, lines, _ = run(tmp_path / "run", {"v": VOTE})
    assert bought == 4 * 2 * 5 - 17
    _, whole, _ = run(tmp_path / "whole" / "run", {"v": VOTE})
    assert {key: (line.parts, line.preference) for key, line in lines.items()} == {
        key: (line.parts, line.preference) for key, line in whole.items()
    }


def test_measures_read_the_votes(tmp_path):
    run(tmp_path / "run", {"v": VOTE, "a": PLAIN}, size=8)
    wanted = [f"vote-accuracy,k={k}" for k in (1, 3, 5, 6)] + ["vote-accuracy,k=5,orders=together", "accuracy"]
    wanted += ["average-accuracy", "jury-disagreement"]
    board = app.leaderboard([tmp_path / "run"], app.registry((ToyBenchmark,)), replicates=200, measures=wanted)
    found = {(row.measure, row.subject): row.value for row in board.estimates}
    assert found["vote-accuracy,k=5", "v"] == pytest.approx(found["average-accuracy", "v"])
    assert found["vote-accuracy,k=5,orders=together", "v"] == pytest.approx(found["accuracy", "v"])
    assert found["vote-accuracy,k=1", "v"] != found["vote-accuracy,k=5", "v"]
    assert ("vote-accuracy,k=6", "v") not in found
    assert ("vote-accuracy,k=1", "a") not in found
    assert 0 < found["jury-disagreement", "v"] < 100
    assert any("6 votes that could be read, but 5 at most" in note for note in board.provenance["runs"][0]["notes"])


def test_what_ships_is_found_and_made_of_judges():
    registry = app.registry()
    assert {name for name in registry.names(Judge) if issubclass(registry.get(Judge, name), OfJudges)} >= {
        "vote",
        "jury",
    }
