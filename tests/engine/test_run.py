"""Whole runs of toy models: what is asked, kept, missed, continued, extended."""

import asyncio
import json
import random
import time

import pytest
from toys import CALLS, FLYING, OPEN, Script, known

from judgebench import (
    BudgetError,
    ConfigError,
    DataError,
    PermanentError,
    PluginError,
    RecordError,
    RequestError,
    TransientError,
    app,
)
from judgebench.core.events import CallDone, CallFailed, JobDone, RunFinished, RunStarted, StageStarted
from judgebench.engine import evidence
from judgebench.engine.spec import from_mapping
from judgebench.store.digest import sha256
from judgebench.store.lines import encode

SLEPT = []


async def no_sleep(seconds):
    SLEPT.append(seconds)
    await asyncio.sleep(0)


def run(tmp_path, registry=None, events=None, **spec):
    """Run a specification in tmp_path; the board as text."""
    registry = registry or known()
    SLEPT.clear()
    values = {"benchmark": "toy-bench", "out": str(tmp_path / "run"), "cache": str(tmp_path / "cache.sqlite"), **spec}
    plan = app.plan(from_mapping(values, "test"), registry)
    observers = [events.append] if events is not None else []
    asyncio.run(app.execute(plan, registry, observers, no_sleep))
    return board(tmp_path / "run", registry)


def board(folder, registry=None):
    registry = registry or known()
    return app.render(app.leaderboard([folder], registry, replicates=200), "json", registry)


def rows(text, measure):
    return {row["subject"]: row for row in json.loads(text)["estimates"] if row["measure"] == measure}


LP = {"lp": "logprob@toy:j"}


def test_judges_are_measured_on_ready_pairs(tmp_path):
    text = run(tmp_path, judges=LP)
    assert CALLS == {"j": 24}
    row = rows(text, "accuracy")["lp"]
    assert (row["n"], row["missing"], row["judge"]) == (12, 0, None)
    assert row["low"] <= row["value"] <= row["high"]
    assert not rows(text, "win-rate")


def test_policies_are_compared_with_the_baseline(tmp_path):
    text = run(tmp_path, judges=LP, policies={"p": "toy:p", "q": "toy:q"})
    assert CALLS == {"p": 12, "q": 12, "j": 48}
    assert set(rows(text, "win-rate")) == {"p", "q"}
    assert rows(text, "win-rate")["p"]["judge"] == "lp"
    assert rows(text, "average-length")["p"]["judge"] is None
    assert not rows(text, "accuracy")
    assert OPEN == []


def test_the_same_command_asks_nothing_again(tmp_path):
    first = run(tmp_path, judges=LP, policies={"p": "toy:p"})
    events = []
    assert run(tmp_path, events=events, judges=LP, policies={"p": "toy:p"}) == first
    assert CALLS == {}
    assert events[0] == RunStarted(36, 36)


def test_without_its_record_a_run_is_paid_by_the_cache(tmp_path):
    first = run(tmp_path, judges=LP)
    (tmp_path / "run" / "record.jsonl").unlink()
    assert run(tmp_path, judges=LP) == first
    assert CALLS == {}


def test_a_run_has_a_cache_of_its_own_unless_another_is_named(tmp_path):
    run(tmp_path / "own", judges=LP, cache=True, limit=2)
    assert (tmp_path / "own/run/completions.sqlite").exists()
    run(tmp_path / "none", judges=LP, cache=False, limit=2)
    assert not list((tmp_path / "none").rglob("*.sqlite"))
    assert CALLS == {"j": 4}
    run(tmp_path / "shared", judges=LP, cache=str(tmp_path / "own/run/completions.sqlite"), limit=2)
    assert CALLS == {}


def test_policies_judges_and_items_extend_a_run(tmp_path):
    spec = {"judges": LP, "policies": {"p": "toy:p"}, "limit": 4}
    run(tmp_path, **spec)
    run(tmp_path, **{**spec, "limit": 10})
    assert CALLS == {"p": 6, "j": 12}
    run(tmp_path, **{**spec, "limit": 10, "policies": {"p": "toy:p", "q": "toy:q"}})
    assert CALLS == {"q": 10, "j": 20}
    text = run(tmp_path, **{**spec, "limit": 10, "judges": {**LP, "v": "verdict@toy:j,order=seeded"}})
    assert CALLS == {"j": 10}
    assert rows(text, "win-rate")["p"]["n"] == 10
    whole = run(tmp_path / "at once", **{**spec, "limit": 10})
    assert rows(whole, "average-length")["p"] == rows(text, "average-length")["p"]


def test_a_changed_subject_is_another_one(tmp_path):
    run(tmp_path, judges={"v": "verdict@toy:j"}, limit=4)
    text = run(tmp_path, judges={"v": "verdict@toy:j,max_tokens=9"}, limit=4)
    assert CALLS == {"j": 8}
    assert len(rows(text, "miss-rate")) == 2
    assert all(name.startswith("v#") for name in rows(text, "miss-rate"))


def test_options_that_change_no_result_do_not_make_another_subject(tmp_path):
    run(tmp_path, judges={"lp": "logprob@toy:j,concurrency=2"})
    run(tmp_path, judges={"lp": "logprob@toy:j,concurrency=3"})
    assert CALLS == {}


def test_transient_errors_are_tried_again_with_growing_jittered_waits(tmp_path):
    registry = known()
    Script.acts = [TransientError("busy")] * 3 + [TransientError("slow down", retry_after=7.0)]
    events = []
    text = run(tmp_path, registry, events, judges=LP, limit=2)
    failed = [event for event in events if isinstance(event, CallFailed)]
    assert len(failed) == 4
    assert all(0 <= event.wait <= 0.5 * 2**n for n, event in enumerate(failed[:3]))
    assert failed[3].wait >= 7.0
    assert any(wait >= 6.5 for wait in SLEPT)
    assert rows(text, "miss-rate")["lp"]["value"] == 0.0


def test_a_call_that_fails_for_good_is_a_miss_and_asked_again_by_the_next_run(tmp_path):
    registry = known()
    Script.acts = [None, RequestError("context overflow")]
    text = run(tmp_path, registry, judges={"lp": "logprob@toy:j,concurrency=1"}, limit=4)
    assert rows(text, "miss-rate")["lp"]["value"] == 12.5
    row = rows(text, "accuracy")["lp"]
    assert (row["n"], row["missing"]) == (3, 1)
    assert "1 verdict of lp is missing: context overflow" in json.loads(text)["provenance"]["runs"][0]["notes"]
    again = run(tmp_path, judges={"lp": "logprob@toy:j,concurrency=1"}, limit=4)
    assert CALLS == {"j": 1}
    assert rows(again, "miss-rate")["lp"]["value"] == 0.0


def test_a_text_without_a_verdict_is_kept_and_not_bought_again(tmp_path):
    template = tmp_path / "t.jinja"
    template.write_text("{{ question }}{{ answers[0] }}")
    judges = {"v": f"verdict@toy:j,template={template}"}
    judged = run(tmp_path, judges={"x": "chatty"}, limit=4)
    assert rows(judged, "miss-rate")["x"]["value"] == 0.0
    run(tmp_path, judges=judges, limit=4)
    before = CALLS["j"]
    assert before == 8
    run(tmp_path, judges=judges, limit=4)
    assert CALLS["j"] == 0


def test_a_dead_model_stops_the_run_after_one_probe(tmp_path):
    registry = known()
    Script.acts = [TransientError("connection refused", "is the server running?")] * 50
    with pytest.raises(PermanentError, match="does not answer: connection refused"):
        run(tmp_path, registry, judges=LP, retries=2)
    assert CALLS == {"j": 6}  # two requests, three tries each


def test_a_wrong_key_stops_the_run_after_one_call(tmp_path):
    registry = known()
    Script.acts = [PermanentError("the key is refused")] * 50
    with pytest.raises(PermanentError, match="key is refused"):
        run(tmp_path, registry, judges=LP)
    assert CALLS == {"j": 1}
    assert OPEN == []


def test_a_model_that_dies_on_the_way_stops_the_run_and_keeps_what_was_done(tmp_path):
    registry = known()
    Script.acts = [None] * 10 + [TransientError("gone")] * 500
    with pytest.raises(PermanentError, match="20 calls of model 'toy:j' failed one after the other: gone"):
        run(tmp_path, registry, benchmark="toy-bench,size=60", judges=LP, retries=1)
    run(tmp_path, benchmark="toy-bench,size=60", judges=LP)
    assert CALLS == {"j": 110}


def test_slots_bound_what_is_in_flight(tmp_path):
    run(tmp_path, judges={"lp": "logprob@toy:j,concurrency=3,pause=0.002"})
    assert FLYING["most"] == 3


def test_a_rate_spaces_calls(tmp_path):
    run(tmp_path, judges={"lp": "logprob@toy:j,rpm=600"}, limit=3)
    assert len(SLEPT) >= 5
    assert max(SLEPT) <= 0.1 * 6


def test_budgets_stop_before_the_next_call(tmp_path):
    registry = known()
    with pytest.raises(BudgetError, match="max_calls"):
        run(tmp_path, registry, judges=LP, max_calls=5)
    assert CALLS["j"] == 5
    run(tmp_path, judges=LP)
    assert CALLS["j"] == 19
    with pytest.raises(BudgetError, match="max_cost"):
        run(tmp_path / "b", judges={"lp": "logprob@toy:j,price=1000,concurrency=1"}, max_cost=0.02)
    assert CALLS["j"] == 2


def test_equal_requests_in_flight_are_bought_once(tmp_path):
    pairs = tmp_path / "pairs.jsonl"
    row = {"prompt": "q", "response_a": "x", "response_b": "y"}
    pairs.write_text("".join(json.dumps({**row, "id": str(n)}) + "\n" for n in range(8)))
    text = run(tmp_path, benchmark=f"pairs:{pairs}", judges={"lp": "logprob@toy:j,pause=0.01,order=both"})
    assert CALLS == {"j": 2}
    assert rows(text, "position-consistency")["lp"]["n"] == 8


def test_repeats_are_asked_apart(tmp_path):
    run(tmp_path, judges={"v": "verdict@toy:j,repeats=3,order=seeded,temperature=1"}, limit=4)
    assert CALLS == {"j": 12}


def test_an_unforeseen_exception_names_the_component_and_keeps_the_record(tmp_path):
    run(tmp_path, judges=LP, limit=2)
    size = (tmp_path / "run" / "record.jsonl").stat().st_size
    with pytest.raises(PluginError, match="judge 'f' failed: KeyError: 'oops'"):
        run(tmp_path, judges={"f": "faulty@toy:j"}, limit=2)
    assert (tmp_path / "run" / "record.jsonl").stat().st_size == size


def test_answers_that_a_policy_does_not_have_are_missing_not_lost(tmp_path):
    outputs = tmp_path / "iter1.jsonl"
    outputs.write_text("".join(json.dumps({"id": f"i{n:03d}", "response": "x"}) + "\n" for n in range(9)))
    text = run(tmp_path, judges={"chatty": "chatty"}, policies={"iter1": f"recorded:{outputs}"})
    row = rows(text, "win-rate")["iter1"]
    assert (row["n"], row["missing"], row["value"]) == (9, 3, 0.0)
    row = rows(text, "miss-rate")["chatty"]
    assert (row["n"], row["missing"], row["value"]) == (18, 6, 0.0)  # the judge missed nothing that it was asked
    assert "3 answers of iter1 are missing: no answer in iter1.jsonl" in text


def test_events_tell_the_story_in_order(tmp_path):
    events = []
    run(tmp_path, events=events, judges={"lp": "logprob@toy:j,price=5"}, limit=2)
    assert events[0] == RunStarted(4, 0)
    assert events[1] == StageStarted("lp", "verdicts", 4)
    assert events[-1] == RunFinished(True)
    assert sum(isinstance(event, JobDone) for event in events) == 4
    cost = [event.cost for event in events if isinstance(event, CallDone)]
    assert cost == pytest.approx([55e-6] * 4)


def test_the_board_does_not_depend_on_the_order_of_lines(tmp_path):
    first = run(tmp_path, judges={**LP, "v": "verdict@toy:k"}, policies={"p": "toy:p"})
    record = tmp_path / "run" / "record.jsonl"
    lines = record.read_bytes().splitlines(keepends=True)
    for seed in range(5):
        random.Random(seed).shuffle(lines)
        record.write_bytes(b"".join(lines))
        assert board(tmp_path / "run") == first


def test_a_prefix_of_a_record_continues_to_the_same_board(tmp_path):
    spec = {"judges": LP, "policies": {"p": "toy:p"}}
    first = run(tmp_path, **spec)
    record = tmp_path / "run" / "record.jsonl"
    data = record.read_bytes()
    for cut in sorted(random.Random(1).sample(range(len(data)), 12)):
        record.write_bytes(data[:cut])
        assert run(tmp_path, **spec) == first
        assert CALLS == {}  # the cache paid


def test_a_folder_belongs_to_one_benchmark_and_seed(tmp_path):
    run(tmp_path, judges=LP, limit=2)
    with pytest.raises(RecordError, match="with seed 0, not 1"):
        run(tmp_path, judges=LP, limit=2, seed=1)
    with pytest.raises(RecordError, match="was made with"):
        run(tmp_path, benchmark="toy-bench,size=3", judges=LP)


def test_items_that_changed_under_their_ids_are_an_error(tmp_path):
    run(tmp_path, judges=LP, limit=2)
    manifest = tmp_path / "run" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"version": 0', '"version": 1'))
    with pytest.raises(RecordError, match="stands twice"):
        run(tmp_path, benchmark="toy-bench,version=1", judges=LP, limit=2)


def test_nothing_to_compare_is_said_before_anything_is_spent(tmp_path):
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text(json.dumps({"prompt": "q", "response_a": "x", "response_b": "y"}) + "\n")
    with pytest.raises(ConfigError, match="no baseline"):
        run(tmp_path, benchmark=f"pairs:{pairs}", judges=LP, policies={"p": "toy:p"})
    with pytest.raises(ConfigError, match="no judge"):
        run(tmp_path)
    assert CALLS == {}


def test_a_preview_counts_what_a_run_then_asks(tmp_path):
    registry = known()
    values = {
        "benchmark": "toy-bench",
        "out": str(tmp_path / "run"),
        "cache": False,
        "judges": {"lp": "logprob@toy:j,price=2", "chatty": "chatty"},
        "policies": {"p": "toy:p"},
    }
    plan = app.plan(from_mapping(values, "test"), registry)
    p, lp, longer = asyncio.run(app.preview(plan))
    assert (p.calls, lp.calls, longer.calls) == (12, 24, 0)
    assert p.cost is None
    assert longer.cost == 0.0
    assert lp.cost == pytest.approx((lp.input_tokens + lp.output_tokens) * 2e-6)
    assert not (tmp_path / "run").exists()
    asyncio.run(app.execute(plan, registry))
    assert CALLS == {"p": 12, "j": 24}
    assert [f.calls for f in asyncio.run(app.preview(plan))] == [0, 0, 0]


def test_a_preview_counts_a_call_that_two_share_once(tmp_path):
    """A rating shows each response alone, the same in both orders; a juror asks what the judge itself asks."""
    registry = known()
    values = {
        "benchmark": "toy-bench",
        "out": str(tmp_path / "run"),
        "judges": {"r": "rating@toy:j", "lp": "logprob@toy:j", "both": "jury:r+lp"},
    }
    for cache, calls in ((True, [24, 24, 0]), (False, [48, 24, 72])):
        plan = app.plan(from_mapping({**values, "cache": cache}, "test"), registry)
        assert [one.calls for one in asyncio.run(app.preview(plan))] == calls
    asyncio.run(app.execute(app.plan(from_mapping(values, "test"), registry), registry))
    assert CALLS == {"j": 48}


def test_runs_of_one_benchmark_join_on_one_board(tmp_path):
    registry = known()
    run(tmp_path / "1", judges=LP, policies={"p": "toy:p"}, limit=6)
    run(tmp_path / "2", judges=LP, policies={"q": "toy:q"})
    joined = app.leaderboard([tmp_path / "1/run", tmp_path / "2/run"], registry, replicates=200)
    text = app.render(joined, "json", registry)
    assert {name: row["n"] for name, row in rows(text, "win-rate").items()} == {"p": 6, "q": 12}
    turned = app.leaderboard([tmp_path / "2/run", tmp_path / "1/run"], registry, replicates=200)
    assert app.render(turned, "json", registry) == text


def test_what_is_in_flight_when_a_run_ends_is_kept(tmp_path):
    spec = {"benchmark": "toy-bench,size=100", "judges": {"lp": "logprob@toy:j,pause=0.02,concurrency=16"}}
    with pytest.raises(BudgetError):
        run(tmp_path, **spec, max_calls=40)
    assert CALLS["j"] == 40
    assert len((tmp_path / "run" / "record.jsonl").read_text().splitlines()) == 100 + 40
    registry = known()
    Script.acts = [None] * 20 + [PermanentError("moderated")]
    with pytest.raises(PermanentError):
        run(tmp_path / "b", registry, **spec)
    assert len((tmp_path / "b/run/record.jsonl").read_text().splitlines()) == 100 + CALLS["j"] - 1


def test_a_budget_in_dollars_counts_what_is_in_flight(tmp_path):
    spec = {"benchmark": "toy-bench,size=200", "judges": {"lp": "logprob@toy:j,pause=0.01,concurrency=32,price=1000"}}
    with pytest.raises(BudgetError):
        run(tmp_path, **spec, max_cost=0.2)  # each call costs 0.011
    assert 0.15 < CALLS["j"] * 0.011 <= 0.211


def test_a_budget_in_dollars_needs_prices(tmp_path):
    with pytest.raises(ConfigError, match="max_cost"):
        run(tmp_path, judges=LP, max_cost=1.0)


def test_many_refused_requests_are_misses_and_the_run_goes_on(tmp_path):
    registry = known()
    Script.acts = [None] + [RequestError("context overflow")] * 60
    text = run(tmp_path, registry, benchmark="toy-bench,size=60", judges=LP)
    assert rows(text, "miss-rate")["lp"]["value"] == 50.0
    again = known()
    Script.acts = [RequestError("context overflow")] * 60
    run(tmp_path, again, benchmark="toy-bench,size=60", judges=LP)
    assert CALLS["j"] == 60


def test_one_item_that_always_fails_does_not_stop_the_others(tmp_path):
    registry = known()
    Script.acts = [TransientError("this one only")] * 2
    text = run(tmp_path, registry, judges={"lp": "logprob@toy:j,concurrency=1"}, limit=4, retries=1)
    assert rows(text, "miss-rate")["lp"]["value"] == 12.5


def test_a_servers_wish_and_the_pace_hold_together(tmp_path):
    registry = known()
    Script.acts = [None] * 3 + [TransientError("slow down", retry_after=0.3)]
    loop_sleep = asyncio.sleep
    values = {
        "benchmark": "toy-bench,size=12",
        "out": str(tmp_path / "run"),
        "judges": {"lp": "logprob@toy:j,rpm=6000,concurrency=8"},
    }
    moments = []
    plan = app.plan(from_mapping(values, "test"), registry)

    def note(event):
        if isinstance(event, CallFailed | CallDone):
            moments.append((time.monotonic(), type(event)))

    asyncio.run(app.execute(plan, registry, [note], loop_sleep))
    (failed,) = [moment for moment, kind in moments if kind is CallFailed]
    assert not [moment for moment, _ in moments if failed + 0.02 < moment < failed + 0.29]


@pytest.mark.parametrize("probs", ["(float('nan'), float('nan'))", "(1.0,)", "(2.0, -1.0)"])
def test_what_is_no_verdict_is_the_judges_fault_and_never_recorded(tmp_path, probs):
    with pytest.raises(PluginError, match="judge 'b' failed: ValueError"):
        run(tmp_path, judges={"b": f"broken:{probs}"}, limit=2)
    assert '"verdict"' not in (tmp_path / "run" / "record.jsonl").read_text()


def test_rows_that_are_added_extend_a_run(tmp_path):
    pairs = tmp_path / "pairs.jsonl"
    rows_ = [json.dumps({"id": f"r{n}", "prompt": f"q{n}", "response_a": "x", "response_b": "y"}) for n in range(20)]
    pairs.write_text("\n".join(rows_[:8]))
    run(tmp_path, benchmark=f"pairs:{pairs}", judges=LP, limit=6)
    pairs.write_text("\n".join(rows_))
    text = run(tmp_path, benchmark=f"pairs:{pairs}", judges=LP)
    assert CALLS["j"] == 40 - 12
    assert rows(text, "position-consistency")["lp"]["n"] == 20


def test_two_plans_made_before_either_ran_are_both_in_the_manifest(tmp_path):
    registry = known()
    values = {"benchmark": "toy-bench", "out": str(tmp_path / "run"), "cache": False}
    plans = [
        app.plan(from_mapping({**values, "judges": {name: "logprob@toy:" + name}}, "t"), registry) for name in "ab"
    ]
    for plan in plans:
        asyncio.run(app.execute(plan, registry))
    assert set(rows(board(tmp_path / "run"), "accuracy")) == {"a", "b"}


def test_joined_runs_never_choose_a_verdict_by_what_it_says(tmp_path):
    registry = known()
    for seed in (1, 2, 3):
        run(tmp_path / str(seed), judges={"v": "verdict@toy:j,temperature=1"}, seed=seed)
    folders = [tmp_path / str(seed) / "run" for seed in (1, 2, 3)]
    runs = sorted(map(evidence.load, folders), key=lambda found: sha256(found.manifest))
    (joined,) = evidence.gather(runs)
    assert len(joined.content.verdicts) == 24
    smallest = 0
    for key, line in joined.content.verdicts.items():
        said = [found.content.verdicts[key] for found in runs]
        assert line == said[0]
        smallest += encode(line) == min(map(encode, said))
    assert smallest < 24
    boards = [app.render(app.leaderboard(order, registry), "json", registry) for order in (folders, folders[::-1])]
    assert boards[0] == boards[1]


def test_one_policy_with_two_answers_to_an_item_is_an_error(tmp_path):
    registry = known()
    for seed in (1, 2):
        run(tmp_path / str(seed), judges=LP, policies={"p": "toy:p,temperature=1"}, seed=seed)
    with pytest.raises(DataError, match="'p' answered item"):
        app.leaderboard([tmp_path / "1/run", tmp_path / "2/run"], registry)
