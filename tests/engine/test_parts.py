"""Parts of a benchmark, any number of responses, turns judged one by one, votes: runs of small benchmarks."""

import asyncio
from dataclasses import dataclass, replace

import numpy as np
import pytest
from toys import ToyPlugin

from judgebench import (
    Benchmark,
    Cells,
    ConfigError,
    DataError,
    Item,
    Judge,
    Match,
    Policy,
    Preference,
    RatioMeasure,
    Response,
    Score,
    VerdictError,
    Vote,
    app,
    hookimpl,
    option,
)
from judgebench.discovery.registry import Origin
from judgebench.engine.columns import Axis, table
from judgebench.engine.evidence import gather, load
from judgebench.engine.select import ranked
from judgebench.engine.spec import from_mapping


@dataclass(frozen=True)
class Three(Benchmark):
    """Three responses an item, of lengths 1, 2 and 3, rated by them; in two subsets."""

    name = "three"
    order = "both"
    measures = ("best", "best/*", "position-consistency", "miss-rate")
    convention = "llmbar"

    def items(self):
        texts = ("x", "xx", "xxx")
        return [
            Item(
                f"i{n}",
                ("q",),
                responses=tuple(Response((text,), f"r{k}") for k, text in enumerate(texts)),
                ratings=(1.0, 2.0, 3.0),
                subsets=("even" if n % 2 == 0 else "odd", "all"),
            )
            for n in range(6)
        ]


@dataclass(frozen=True)
class Turns(Benchmark):
    """Two-turn prompts; policies are judged alone, turn by turn."""

    name = "turns"
    by_turn = True
    measures = ("points", "points/*", "win-rate")

    def items(self):
        return [Item(f"i{n}", (f"first {n}", f"second {n}"), reference=("r1", "r2"), stratum="s") for n in range(4)]

    def matches(self, policies):
        return [Match(policy, alone=True) for policy in policies]


@dataclass(frozen=True)
class Voted(Benchmark):
    """Pairs with votes of two groups; no gold label."""

    name = "voted"
    measures = ("votes", "miss-rate", "accuracy")

    def items(self):
        a, tie, b = (Preference(probs) for probs in ((1.0, 0.0), (0.5, 0.5), (0.0, 1.0)))
        votes = (Vote("expert_1", a), Vote("expert_2", tie), Vote("author", b), Vote("expert_3", a))
        pair = (Response(("long",), "one"), Response(("x",), "other"))
        return [Item(f"i{n}", ("q",), responses=pair, votes=votes[: n + 1]) for n in range(4)]


@dataclass(frozen=True)
class Longest(Judge):
    """Scores by length; a response of one character alone cannot be read."""

    name = "longest"
    responses = (1, 9)

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        values = tuple(float(response.length) for response in trial.responses)
        if values == (1.0,):
            raise VerdictError("too short")
        return Score(values)


@dataclass(frozen=True)
class FirstPlace(Longest):
    """Prefers whatever is shown first."""

    name = "first-place"

    def read(self, trial, samples):
        return Preference(tuple(float(k == 0) for k in range(len(trial.responses))))


@dataclass(frozen=True)
class Echo(Policy):
    """Answers the first turn by one character, the second by the item's number."""

    name = "echo"

    def needs(self):
        return ()

    async def respond(self, item, ask):
        return Response(("x", "yy" * (1 + int(item.id[1:]))), "echo")


@dataclass(frozen=True)
class Best(RatioMeasure):
    """Items whose best response by the verdict is the best by its rating; the reverse order alone counts too."""

    name = "best"
    about = "judge"
    responses = "any"

    def cells(self, table):
        with np.errstate(all="ignore"):
            right = np.nanargmax(np.where(table.valid[:, :, None], table.values, 0.0), axis=2)
        best = (right == np.nanargmax(table.ratings, axis=1)[:, None]).mean(axis=1)
        enters = table.complete.astype(float)
        return Cells(best * enters, enters, np.ones(len(enters)))


@dataclass(frozen=True)
class Points(RatioMeasure):
    """Mean score of a policy by itself."""

    name = "points"
    about = "policy under judge"
    responses = "any"
    unit = "points"
    bounds = None
    scale = 1.0

    def cells(self, table):
        alone = table.slots == 1
        enters = (alone & table.valid[:, 0]).astype(float)
        return Cells(np.nan_to_num(table.values[:, 0, 0]) * enters, enters, alone.astype(float))


@dataclass(frozen=True)
class Votes(RatioMeasure):
    """Experts' votes for slot 0, in percent of theirs."""

    name = "votes"
    about = "judge"

    def cells(self, table):
        votes = table.votes["expert"]
        enters = (table.itself | table.complete)[:, None] * votes
        return Cells(enters[:, 0], enters.sum(axis=1), votes.sum(axis=1))


class Plugin:
    @hookimpl
    def judgebench_components(self):
        return [Three, Turns, Voted, Longest, FirstPlace, Echo, Best, Points, Votes]


def known():
    found = app.registry()
    found.add(ToyPlugin(), Origin("toys", "toys", "1.0"))
    found.add(Plugin(), Origin("parts", "parts", "1.0"))
    assert not found.broken
    return found


async def run(folder, benchmark, judges, policies=(), **more):
    registry = known()
    values = {
        "benchmark": benchmark,
        "judges": {name: {"judge": name} if isinstance(name, str) else name for name in judges},
        "policies": {name: {"policy": name} for name in policies},
        "out": str(folder),
        "cache": False,
        **more,
    }
    planned = app.plan(from_mapping(values, "test"), registry)
    await app.execute(planned, registry)
    return registry


def board(folder, benchmark, judges, policies=(), measures=(), **more):
    registry = asyncio.run(run(folder, benchmark, judges, policies, **more))
    made = app.leaderboard([folder], registry, replicates=200, measures=measures)
    return {(row.measure, row.subject): row for row in made.estimates}, made


def only(folder):
    (evidence,) = gather([load(folder)])
    return evidence


def test_a_measure_is_taken_of_every_part_and_of_one(tmp_path):
    found, made = board(tmp_path, "three", ["longest", "first-place"])
    assert {name for name, _ in found} == {
        "best", "best/all", "best/even", "best/odd", "position-consistency", "miss-rate",
    }  # fmt: skip
    assert found["best/odd", "longest"].n == 3
    assert found["best", "longest"].value == found["best/odd", "longest"].value == 100.0
    assert found["best", "first-place"].value == 50.0  # the last of three is shown first in the reverse order
    assert found["position-consistency", "first-place"].value == 0.0
    assert found["position-consistency", "longest"].value == 100.0
    assert "best/odd" in made.provenance["runs"][0]["measures"]


def test_a_part_that_no_item_is_in_gives_no_estimate_and_says_so(tmp_path):
    found, made = board(tmp_path, "three", ["longest"], measures=["best/nowhere"])
    assert not found
    assert [note for note in made.provenance["runs"][0]["notes"] if note.startswith("measure best/nowhere: no data")]


def test_a_pair_measure_sees_no_trial_of_three(tmp_path):
    found, _ = board(tmp_path, "three", ["longest"], measures=["accuracy", "position-bias"])
    assert not found


def test_values_and_ratings_lie_in_slot_order(tmp_path):
    board(tmp_path, "three", ["longest"])
    evidence = only(tmp_path)
    columns, _ = table(evidence, Axis.of(list(evidence.items.values())), "judge")
    assert columns.values.shape == (6, 2, 3)
    assert (columns.values == [1.0, 2.0, 3.0]).all()
    assert (columns.ratings == [1.0, 2.0, 3.0]).all()
    assert (columns.slots == 3).all()
    part = columns.only(columns.subsets["even"])
    assert len(part.subject) == len(part.texts) == len(part.subsets["odd"]) == 3
    assert not part.subsets["odd"].any()
    assert part.n_clusters == columns.n_clusters


def test_a_seeded_order_of_three_is_any_of_the_six(tmp_path):
    orders = set()
    for seed in range(12):
        folder = tmp_path / str(seed)
        values = {"j": {"judge": "longest", "order": "seeded"}}
        registry = known()
        spec = from_mapping({"benchmark": "three", "judges": values, "out": str(folder), "seed": seed}, "t")
        asyncio.run(app.execute(app.plan(spec, registry), registry))
        evidence = only(folder)
        orders |= {key.order for key, _ in evidence.planned}
        columns, _ = table(evidence, Axis.of(list(evidence.items.values())), "judge")
        valid = columns.values[columns.valid]
        assert (valid == [1.0, 2.0, 3.0]).all()
        assert columns.planned.sum() == 6
    assert len(orders) == 6


def test_turns_are_judged_one_by_one_of_one_answer(tmp_path):
    found, _ = board(tmp_path, "turns", ["longest"], ["echo"])
    evidence = only(tmp_path)
    assert len(evidence.content.answers) == 4
    assert {key.turn for key, _ in evidence.planned} == {1, 2}
    shown = {(key.turn, key.trial(evidence.responses(key)).item.turns) for key, _ in evidence.planned}
    assert (1, ("first 0",)) in shown
    assert (2, ("first 0", "second 0")) in shown
    assert all(
        key.trial(evidence.responses(key)).item.reference == ("r1", "r2")[: key.turn] for key, _ in evidence.planned
    )
    assert ("points/turn-1", "echo") not in found  # one character alone: every first turn is a miss
    assert found["points/turn-2", "echo"].value == np.mean([3, 5, 7, 9])
    assert (found["points", "echo"].n, found["points", "echo"].missing) == (4, 4)
    assert found["points/s", "echo"].n == 4
    assert not [name for name, _ in found if name == "win-rate"]


def test_a_run_of_turns_is_continued_without_asking_again(tmp_path):
    asyncio.run(run(tmp_path, "turns", ["longest"], ["echo"], limit=2))
    before = (tmp_path / "record.jsonl").read_text().splitlines()
    found, _ = board(tmp_path, "turns", ["longest"], ["echo"])
    after = (tmp_path / "record.jsonl").read_text().splitlines()
    assert after[: len(before)] == before
    assert found["points", "echo"].n == 4


def test_people_are_a_judge_among_the_others(tmp_path):
    found, made = board(tmp_path, "voted", ["longest"])
    # experts' votes on the four items: a; a, tie; a, tie; a, tie, a
    assert found["votes", "humans"].value == found["votes", "longest"].value == pytest.approx(100 * 5 / 8)
    assert found["votes", "humans"].n == 8
    assert ("miss-rate", "humans") not in found
    assert found["miss-rate", "longest"].value == 0.0
    assert not [name for name, _ in found if name == "accuracy"]
    (pair,) = [c for c in made.comparisons if c.measure == "votes"]
    assert {pair.a, pair.b} == {"humans", "longest"}


def test_votes_say_nothing_of_what_policies_answer(tmp_path):
    registry = known()
    values = {
        "benchmark": {"benchmark": "voted"},
        "judges": {"longest": {"judge": "longest"}},
        "policies": {"one": {"policy": "echo"}, "two": {"policy": "echo"}},
        "out": str(tmp_path),
        "cache": False,
    }
    asyncio.run(app.execute(app.plan(from_mapping(values, "test"), registry), registry))
    evidence = only(tmp_path)
    columns, subjects = table(evidence, Axis.of(list(evidence.items.values())), "judge")
    assert (len(columns.subject), len(subjects), columns.votes) == (4, 1, {})


def test_without_votes_there_are_no_people(tmp_path):
    _, made = board(tmp_path, "three", ["longest"])
    assert list(made.provenance["runs"][0]["subjects"]) == ["longest"]


def test_the_convention_is_the_benchmarks_unless_the_measure_says(tmp_path):
    @dataclass(frozen=True)
    class Shy(Longest):
        name = "shy"

        def read(self, trial, samples):
            raise VerdictError("no comment")

    @dataclass(frozen=True)
    class Pairs(Three):
        name = "strict-pairs"
        measures = ("accuracy", "accuracy,convention=standard", "accuracy,misses=half")

        def items(self):
            pair = (Response(("xx",), "a"), Response(("x",), "b"))
            return [Item(f"i{n}", ("q",), responses=pair, gold=Preference((1.0, 0.0))) for n in range(3)]

    class More:
        @hookimpl
        def judgebench_components(self):
            return [Shy, Pairs]

    registry = known()
    registry.add(More(), Origin("more", "more", "1"))
    spec = from_mapping({"benchmark": "strict-pairs", "judges": {"s": {"judge": "shy"}}, "out": str(tmp_path)}, "t")
    asyncio.run(app.execute(app.plan(spec, registry), registry))
    made = app.leaderboard([tmp_path], registry, replicates=200)
    found = {row.measure: row for row in made.estimates}
    assert found["accuracy"].value == 0.0  # LLMBar: what cannot be read is wrong
    assert found["accuracy,misses=half"].value == 50.0
    assert "accuracy,convention=standard" not in found
    notes = made.provenance["runs"][0]["notes"]
    assert "accuracy: ties count as wrong, missing verdicts count as wrong (convention llmbar)" in notes
    assert "accuracy,misses=half: ties count as wrong, missing verdicts count one half (as asked for)" in notes


def test_parts_are_named_as_specs_can_name_them(tmp_path):
    @dataclass(frozen=True)
    class Odd(Three):
        name = "odd"
        measures = ("best/*",)

        def items(self):
            names = ("Precise IF", "a/b", "math: hard", "x, y=z")
            return [replace(item, subsets=(name,)) for item, name in zip(super().items(), names, strict=False)]

    class More:
        @hookimpl
        def judgebench_components(self):
            return [Odd]

    registry = known()
    registry.add(More(), Origin("more", "more", "1"))
    spec = from_mapping({"benchmark": "odd", "judges": {"l": {"judge": "longest"}}, "out": str(tmp_path)}, "t")
    asyncio.run(app.execute(app.plan(spec, registry), registry))
    made = app.leaderboard([tmp_path], registry, replicates=200)
    names = {row.measure for row in made.estimates}
    assert names == {"best/Precise-IF", "best/a/b", "best/math-hard", "best/x-y-z"}
    again = app.leaderboard([tmp_path], registry, replicates=200, measures=sorted(names))
    assert {row.measure for row in again.estimates} == names


def test_other_drawn_orders_of_three_are_verdicts_of_their_own(tmp_path):
    for seed in (0, 1):
        values = {"l": {"judge": "longest", "order": "seeded"}}
        registry = known()
        mapping = {"benchmark": "three", "judges": values, "out": str(tmp_path / str(seed)), "seed": seed}
        asyncio.run(app.execute(app.plan(from_mapping(mapping, "t"), registry), registry))
    (evidence,) = gather([load(tmp_path / "0"), load(tmp_path / "1")])
    columns, _ = table(evidence, Axis.of(list(evidence.items.values())), "judge")
    assert columns.asked.sum() == len(evidence.content.verdicts) > 6


@pytest.mark.parametrize(
    ("ratings", "why"), [((1.0,), "3 ready responses and 1 ratings"), ((1.0, 2.0, np.nan), "finite")]
)
def test_ratings_are_of_all_responses_and_finite(ratings, why):
    with pytest.raises(DataError) as caught:
        ranked([replace(Three().items()[0], ratings=ratings)], 0)
    assert why in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(("benchmark", "policies", "number"), [("three", (), 3), ("turns", ("echo",), 1)])
def test_a_judge_of_pairs_is_refused_before_anything_is_spent(tmp_path, benchmark, policies, number):
    values = {
        "benchmark": benchmark,
        "judges": {"l": "chatty"},
        "policies": {p: p for p in policies},
        "out": str(tmp_path / "r"),
    }
    with pytest.raises(ConfigError) as caught:
        app.plan(from_mapping(values, "t"), known())
    assert caught.value.message == f"judge 'l' takes two responses, and item 'i0' has {number}".replace(
        "i0", caught.value.message.split("'")[3]
    )
    assert "rating" in caught.value.hint
    assert not (tmp_path / "r").exists()


def test_two_policies_pairs_on_one_item_are_not_the_same(tmp_path):
    """A judge is compared with another on the same responses: those of one policy never stand for another's."""

    @dataclass(frozen=True)
    class Base(Benchmark):
        name = "based"
        measures = ("agreement-with-judge:r", "agreement-with-judge:r,repeats=mean")

        def items(self):
            return [Item(f"i{n}", ("q",), baseline=Response(("xx",), "baseline")) for n in range(5)]

    @dataclass(frozen=True)
    class Says(Policy):
        name = "says"
        text: str = option(help="its answer")

        def needs(self):
            return ()

        async def respond(self, item, ask):
            return Response((self.text,), self.name)

    class More:
        @hookimpl
        def judgebench_components(self):
            return [Base, Says]

    registry = known()
    registry.add(More(), Origin("more", "more", "1"))
    mapping = {
        "benchmark": "based",
        "judges": {"r": "longest", "j": "longest"},
        "policies": {"p": "says:xxx", "q": "says:x"},
        "out": str(tmp_path),
    }
    asyncio.run(app.execute(app.plan(from_mapping(mapping, "t"), registry), registry))
    made = app.leaderboard([tmp_path], registry, replicates=100)
    assert [(row.subject, row.value, row.n) for row in made.estimates] == [("j", 100.0, 10)] * 2


@pytest.mark.parametrize("measure", ["agreement-with-judge:typo", "agreement-with-judge,judge=typo,pairs=best-worst"])
def test_a_measure_that_refers_to_nobody_is_refused_before_anything_is_spent(tmp_path, measure):
    mapping = {
        "benchmark": "three",
        "judges": {"longest": "longest"},
        "measures": [measure],
        "out": str(tmp_path / "r"),
    }
    with pytest.raises(ConfigError, match="no judge is called 'typo'"):
        app.plan(from_mapping(mapping, "t"), known())
    assert not (tmp_path / "r").exists()


def test_a_range_of_nine_points_has_a_border_of_its_own(tmp_path):
    @dataclass(frozen=True)
    class Middling(Points):
        name = "middling"
        bounds = (1.0, 10.0)

    @dataclass(frozen=True)
    class Many(Turns):
        name = "many"
        measures = ("middling/turn-2",)

        def items(self):
            return [replace(super(Many, self).items()[n % 4], id=f"{n % 3}{n}") for n in range(40)]

    @dataclass(frozen=True)
    class Varied(Echo):
        name = "varied"

        async def respond(self, item, ask):
            return Response(("xxx", "y" * (2 + int(item.id) % 4)), "varied")

    class More:
        @hookimpl
        def judgebench_components(self):
            return [Middling, Many, Varied]

    registry = known()
    registry.add(More(), Origin("more", "more", "1"))
    mapping = {"benchmark": "many", "judges": {"l": "longest"}, "policies": {"v": "varied"}, "out": str(tmp_path)}
    asyncio.run(app.execute(app.plan(from_mapping(mapping, "t"), registry), registry))
    made = app.leaderboard([tmp_path], registry, replicates=200)
    assert made.estimates[0].n == 40
    assert not [note for note in made.provenance["runs"][0]["notes"] if "border" in note]


def test_judges_of_the_same_items_beside_people_cover_the_same(tmp_path):
    _, made = board(tmp_path, "voted", ["longest", "first-place"])
    assert not [note for note in made.provenance["runs"][0]["notes"] if "not all on the same items" in note]


@pytest.mark.parametrize("measure", ["best/evne", "best/turn-1"])
def test_a_part_that_no_item_is_in_is_refused_before_anything_is_spent(tmp_path, measure):
    mapping = {"benchmark": "three", "judges": {"l": "longest"}, "measures": [measure], "out": str(tmp_path / "r")}
    with pytest.raises(ConfigError) as caught:
        app.plan(from_mapping(mapping, "t"), known())
    assert "no item is in" in caught.value.message
    assert "even" in caught.value.hint
    turned = {
        "benchmark": "turns",
        "judges": {"l": "longest"},
        "policies": {"echo": "echo"},
        "measures": ["points/turn-2"],
    }
    app.plan(from_mapping({**turned, "out": str(tmp_path / "t")}, "t"), known())


def test_subjects_that_do_not_share_their_items_are_told(tmp_path):
    """`shy` says nothing of every other item: what is compared with `longest` are other items, too."""

    @dataclass(frozen=True)
    class Shy(Longest):
        name = "shy"

        def read(self, trial, samples):
            if trial.item.id in ("i1", "i3"):
                raise VerdictError("no comment")
            return super().read(trial, samples)

    class More:
        @hookimpl
        def judgebench_components(self):
            return [Shy]

    registry = known()
    registry.add(More(), Origin("more", "more", "1"))
    mapping = {"benchmark": "three", "judges": {"shy": "shy", "longest": "longest"}, "out": str(tmp_path)}
    asyncio.run(app.execute(app.plan(from_mapping(mapping, "t"), registry), registry))
    made = app.leaderboard([tmp_path], registry, replicates=200, measures=["best"])
    told = "best: compared subjects do not share all items: up to 2 beside 4 enter one of two alone"
    assert [note for note in made.provenance["runs"][0]["notes"] if note.startswith(told)]
    (decision,) = app.compare([tmp_path], registry, measures=["best"], a="shy", b="longest", replicates=200)
    assert (decision.apart, decision.comparison.clusters) == (2, 4)
    alike = app.leaderboard([tmp_path], registry, replicates=200, measures=["miss-rate"])
    assert not [note for note in alike.provenance["runs"][0]["notes"] if "share" in note]
