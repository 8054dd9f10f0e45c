"""Judges that prefer places rather than responses are told, on boards and beside every decision that rests on them."""

import csv
import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import app
from judgebench.core.item import Item, Score
from judgebench.engine.evidence import gather, load
from judgebench.engine.placing import Placing, placed, placing
from judgebench.engine.plan import TrialKey
from judgebench.store.manifest import Planned

FEW = {"interval": "percentile", "replicates": 100}


@pytest.fixture(scope="module")
def known():
    return app.registry()


def imported(folder, known, answers):
    """A run of verdicts: for each judge and policy the P(policy is better) in both orders, item by item."""
    rows = [
        [k, policy, "base", judge, order, p]
        for (judge, policy), items in answers.items()
        for k, orders in enumerate(items)
        for order, p in enumerate(orders)
    ]
    folder.mkdir(exist_ok=True)
    with (folder / "verdicts.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["item", "subject", "opponent", "judge", "order", "preference"], *rows])
    wanted = app.Wanted("starter", reference=False, measures=("win-rate",))
    app.import_run("table", [folder / "verdicts.csv"], folder / "run", known, wanted)
    return folder / "run"


FIRST, BEST, WORST, TIE = (1.0, 0.0), (0.9, 0.6), (0.2, 0.4), (0.5, 0.5)


def counted(run):
    (evidence,) = gather([load(run)])
    return placing(list(placed(evidence)))


def test_counts_are_of_places_of_responses_and_of_pairs(tmp_path, known):
    answers = [FIRST, FIRST, (0.3, 0.8), BEST, WORST, TIE, (0.5, 1.0)]
    found = counted(imported(tmp_path, known, {("j", "p"): answers}))
    assert (found.place, found.response, found.pairs, found.clusters) == (3, 2, 7, (3, 2))


def test_several_policies_on_one_item_are_one_cluster(tmp_path, known):
    found = counted(imported(tmp_path, known, {("j", f"p{k}"): [FIRST, BEST] for k in range(8)}))
    assert (found.place, found.response, found.pairs, found.clusters) == (8, 8, 16, (1, 1))
    found = counted(imported(tmp_path / "more", known, {("j", f"p{k}"): [FIRST] for k in range(8)}))
    assert (found.place, found.pairs, found.clusters) == (8, 8, (1, 0))
    assert not found.follows_places


@pytest.mark.parametrize(
    ("place", "response", "told"), [(5, 0, False), (6, 0, True), (12, 8, False), (27, 9, True), (9, 27, False)]
)
def test_only_what_chance_does_not_give_is_told(place, response, told):
    assert Placing(place, response, place + response, (place, response)).follows_places == told


@given(st.lists(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=3, max_size=3), min_size=2, max_size=2))
def test_of_several_responses_the_best_is_compared_as_one_by_one(orders):
    """A judge of three: against a look at what it prefers in each of the two orders."""
    item = Item("x", ("q",))
    keys = [TrialKey("j", ("a", "b", "c"), item, order, 0) for order in ((0, 1, 2), (2, 1, 0))]

    lines = {key.record: SimpleNamespace(verdict=Score(tuple(said))) for key, said in zip(keys, orders, strict=True)}
    plan = Planned("j", None, "both", 1, "all")
    evidence = SimpleNamespace(planned=[(key, plan) for key in keys], content=SimpleNamespace(verdicts=lines))
    (found,) = placed(evidence)
    best = [[k for k, value in enumerate(said) if value == max(said)] for said in orders]
    alone = all(len(places) == 1 for places in best)
    same_place = alone and best[0] == best[1]
    same_response = alone and best[0][0] == 2 - best[1][0]
    assert found.preferred == same_place - same_response  # of the middle one, which is both, nothing is known


def test_boards_and_decisions_name_the_judge(tmp_path, known):
    answers = {("fair", "p"): [BEST] * 8, ("fair", "q"): [WORST] * 8, ("blind", "p"): [FIRST] * 8}
    answers["blind", "q"] = [(0.9, 0.2)] * 8
    run = imported(tmp_path, known, answers)
    said = (
        "blind prefers the same place in 16 of 16 pairs, the same response in 0: it follows places more than responses"
    )
    notes = app.leaderboard(run, **FEW).provenance["runs"][0]["notes"]
    assert [note for note in notes if "prefers" in note] == [said]
    fair, blind = sorted(app.compare(run, a="p", b="q", **FEW), key=lambda one: one.comparison.judge, reverse=True)
    assert (fair.comparison.judge, fair.doubts) == ("fair", ())
    assert (blind.comparison.judge, blind.doubts) == ("blind", (said,))
    assert f"  {said}, which more items do not mend" in str(blind).splitlines()
    assert "prefers" not in str(fair)


def test_a_decision_rests_on_its_own_pairs(tmp_path, known):
    """Of a third policy the judge follows places; of the two that are compared it does not."""
    answers = {("j", "p"): [BEST] * 8, ("j", "q"): [WORST] * 8, ("j", "z"): [FIRST] * 24}
    run = imported(tmp_path, known, answers)
    (found,) = app.compare(run, a="p", b="q", **FEW)
    assert found.doubts == ()
    (found,) = app.compare(run, a="z", b="q", **FEW)
    said = "j prefers the same place in 24 of 32 pairs, the same response in 8"
    assert found.doubts == (f"{said}: it follows places more than responses",)
    every = {(one.comparison.a, one.comparison.b): len(one.doubts) for one in app.compare(run, **FEW)}
    assert sum(every.values()) == 2
    assert every["p", "q"] == 0


def test_of_two_judges_each_is_named_for_itself(tmp_path, known):
    rows = [{"prompt": f"q{k}", "response_a": "long" * k, "response_b": "x" * 9} for k in range(8)]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    spec = {"benchmark": f"pairs:{tmp_path / 'pairs.jsonl'}", "judges": {"one": "first", "other": "longer"}}
    (tmp_path / "run.yaml").write_text(json.dumps({**spec, "out": str(tmp_path / "run")}))
    app.run(tmp_path / "run.yaml")
    decided = app.compare(tmp_path / "run", a="other", b="one", measures=["position-consistency"], **FEW)
    said = "one prefers the same place in 8 of 8 pairs, the same response in 0: it follows places more than responses"
    assert [one.doubts for one in decided] == [(said,)]
