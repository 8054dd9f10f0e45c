"""Policies against each other: what is asked, from whose side it is counted, and what a board says."""

import asyncio
import json

import pytest
from toys import known

from judgebench import ConfigError, app
from judgebench.engine.spec import from_mapping
from judgebench.store.manifest import load
from judgebench.store.record import read

RULE = """{"match": "cup of a", "reply": "%s"}\n"""
ANSWERS = {"a": "cup of a", "b": "plate of b", "c": "bowl of c"}
LIKES_A = "logprob@toy:j"
PERCENTILE = {"replicates": 300, "interval": "percentile"}


def answers(folder, names="abc", items=6):
    """Files of prompts and of answers to them; the toy judge prefers by what the prompt's digest says."""
    prompts = folder / "prompts.jsonl"
    rows = [{"id": f"q{k}", "prompt": f"question {k}", "category": "even" if k % 2 else "odd"} for k in range(items)]
    prompts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = {}
    for name in names:
        path = folder / f"{name}.jsonl"
        path.write_text(
            "".join(json.dumps({"id": row["id"], "response": f"{ANSWERS[name]} {row['id']}"}) + "\n" for row in rows)
        )
        found[name] = f"recorded:{path}"
    return str(prompts), found


def run(folder, **spec):
    values = {"out": str(folder / "run"), "judges": {"j": LIKES_A}, **spec}
    planned = app.plan(from_mapping(values, "test"), known())
    asyncio.run(app.execute(planned, known()))
    return planned.folder


def estimates(folder, **inference):
    board = app.leaderboard([folder], known(), **{**PERCENTILE, **inference})
    return {(row.measure, row.subject): row for row in board.estimates}, board


def test_every_pair_is_judged_in_both_orders_and_counts_for_both(tmp_path):
    prompts, policies = answers(tmp_path)
    folder = run(tmp_path, benchmark=f"head-to-head:{prompts}", policies=policies)
    record = read(folder)
    assert len(record.verdicts) == 3 * 6 * 2  # pairs, prompts, orders
    found, board = estimates(folder)
    rates = [found["win-rate", name].value for name in "abc"]
    assert sum(rates) == pytest.approx(150.0)  # every comparison gives one point, shared by two
    assert {found["win-rate", name].n for name in "abc"} == {12}
    for name in "abc":
        shares = [found[measure, name].value for measure in ("wins", "ties", "losses")]
        assert sum(shares) == pytest.approx(100.0)
    assert sum(found["wins", name].value - found["losses", name].value for name in "abc") == pytest.approx(0.0)
    # the judge is asked each comparison once, however many policies it counts for
    assert found["position-consistency", "j"].n == 18
    assert found["miss-rate", "j"].n == 36
    assert {c.test for c in board.comparisons if c.measure == "win-rate"} == {"sign flips"}


def test_counts_of_one_pair_agree_with_the_verdicts_by_hand(tmp_path):
    prompts, policies = answers(tmp_path, "ab")
    folder = run(tmp_path, benchmark=f"head-to-head:{prompts}", policies=policies)
    record = read(folder)
    keys = {subject.name: subject.key for subject in load(folder).subjects}
    by_item = {}
    for line in record.verdicts.values():
        assert line.slots == (keys["a"], keys["b"])
        p = line.preference.probs[line.order.index(0)]
        by_item.setdefault(line.item, []).append(p)
    means = {item: sum(ps) / 2 for item, ps in by_item.items()}
    agree = [(ps[0] > 0.5) - (ps[0] < 0.5) if (ps[0] - 0.5) * (ps[1] - 0.5) > 0 else 0 for ps in by_item.values()]
    found, _ = estimates(folder)
    assert found["win-rate", "a"].value == pytest.approx(100 * sum(means.values()) / 6)
    assert found["win-rate", "b"].value == pytest.approx(100 - 100 * sum(means.values()) / 6)
    assert found["wins", "a"].value == pytest.approx(100 * agree.count(1) / 6)
    assert found["losses", "a"].value == pytest.approx(100 * agree.count(-1) / 6)
    assert found["wins", "b"].value == found["losses", "a"].value
    # two policies: the rating difference is the logit of the win rate
    p = sum(means.values()) / 6
    gap = found["bradley-terry", "a"].value - found["bradley-terry", "b"].value
    assert 1 / (1 + 10 ** (-gap / 400)) == pytest.approx(p, abs=1e-7)


def test_with_a_baseline_everyone_meets_it_alone(tmp_path):
    prompts, policies = answers(tmp_path)
    folder = run(
        tmp_path, benchmark={"benchmark": "head-to-head", "prompts": prompts, "baseline": "c"}, policies=policies
    )
    found, _ = estimates(folder)
    assert {name for measure, name in found if measure == "win-rate"} == {"a", "b"}
    assert ("average-length", "c") in found
    assert len(read(folder).verdicts) == 2 * 6 * 2
    assert not any(measure == "bradley-terry" for measure, _ in found)


def test_prompts_without_a_baseline_compare_policies_with_each_other(tmp_path):
    prompts, policies = answers(tmp_path, "ab")
    folder = run(tmp_path, benchmark=f"prompts:{prompts}", policies=policies)
    found, _ = estimates(folder)
    assert found["win-rate", "a"].value + found["win-rate", "b"].value == pytest.approx(100.0)


def test_another_policy_extends_the_run_and_asks_only_what_is_new(tmp_path):
    prompts, policies = answers(tmp_path)
    two = {name: policies[name] for name in "ab"}
    folder = run(tmp_path, benchmark=f"head-to-head:{prompts}", policies=two)
    before = dict(read(folder).verdicts)
    run(tmp_path, benchmark=f"head-to-head:{prompts}", policies=policies)
    after = read(folder).verdicts
    assert {key: after[key] for key in before} == before
    assert len(after) == 36
    found, _ = estimates(folder)
    assert found["win-rate", "c"].n == 12


def test_a_pair_named_in_another_order_is_the_same_pair(tmp_path):
    prompts, policies = answers(tmp_path, "ab")
    folder = run(tmp_path, benchmark=f"head-to-head:{prompts}", policies=policies)
    first = len(read(folder).verdicts)
    run(tmp_path, benchmark=f"head-to-head:{prompts}", policies={"b": policies["b"], "a": policies["a"]})
    assert len(read(folder).verdicts) == first


def test_an_answer_that_is_missing_is_named_with_what_waits_for_it(tmp_path):
    prompts, policies = answers(tmp_path, "ab")
    path = tmp_path / "b.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    folder = run(tmp_path, benchmark=f"head-to-head:{prompts}", policies=policies)
    found, board = estimates(folder)
    assert (found["win-rate", "a"].n, found["win-rate", "a"].missing) == (5, 1)
    assert (found["win-rate", "b"].n, found["win-rate", "b"].missing) == (5, 1)
    notes = board.provenance["runs"][0]["notes"]
    assert "2 verdicts of j wait for answers that b did not give" in notes


def test_the_same_run_says_the_same_and_comparisons_of_two_keep_the_rest(tmp_path):
    prompts, policies = answers(tmp_path)
    folder = run(tmp_path, benchmark=f"head-to-head:{prompts}", policies=policies)
    found, _ = estimates(folder)
    decided = app.compare([folder], known(), a="a", b="b", measures=["bradley-terry", "win-rate"], **PERCENTILE)
    for decision in decided:
        measure = decision.comparison.measure
        assert decision.values == pytest.approx((found[measure, "a"].value, found[measure, "b"].value))
    alone = app.compare([folder], known(), a="a", b="b", measures=["win-rate"], **PERCENTILE)
    assert alone[0].values == pytest.approx(decided[1].values)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"policies": {}}, "head-to-head compares policies, and 0 is named"),
        ({"policies": "a"}, "head-to-head compares policies, and 1 is named"),
        ({"policies": "ab", "baseline": "z"}, "the baseline 'z' is no policy of this run"),
        ({"policies": "ab", "prompts": "head-to-head"}, "cannot be made of 'head-to-head'"),
        ({"policies": "ab", "prompts": "no-such"}, "no benchmark 'no-such'"),
    ],
)
def test_refusals(tmp_path, spec, message):
    prompts, policies = answers(tmp_path)
    benchmark = {"benchmark": "head-to-head", "prompts": prompts, **{k: v for k, v in spec.items() if k != "policies"}}
    with pytest.raises(ConfigError, match=message):
        run(tmp_path, benchmark=benchmark, policies={name: policies[name] for name in spec["policies"]})


def test_one_policy_and_prompts_without_baseline_have_nothing_to_compare(tmp_path):
    prompts, policies = answers(tmp_path, "a")
    with pytest.raises(ConfigError, match="brings no baseline to compare policy 'a' with") as caught:
        run(tmp_path, benchmark=f"prompts:{prompts}", policies=policies)
    assert "name a second policy" in caught.value.hint


def test_a_dry_run_counts_what_the_run_asks(tmp_path):
    prompts, policies = answers(tmp_path)
    spec = {"benchmark": f"head-to-head:{prompts}", "out": str(tmp_path / "run"), "judges": {"j": LIKES_A}}
    planned = app.plan(from_mapping({**spec, "policies": policies}, "test"), known())
    forecast = {one.subject: one for one in asyncio.run(app.preview(planned))}
    assert (forecast["j"].jobs, forecast["j"].calls) == (36, 36)
