"""The configuration: what is refused and how it is said, the papers' values, and what is laid over them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judgebench_loops.config import METHODS, PER_ITERATION, SECTIONS, USES, from_mapping, read
from judgebench_loops.options import SYSTEMS
from judgebench_loops.presets import PAPERS, merged
from judgebench_loops.training.settings import Training

from judgebench import ConfigError

SR, MR, STE, RLAIF = "self-rewarding", "meta-rewarding", "self-taught", "rlaif"


def of(system, **given):
    return from_mapping(system, {"model": "m", **given}, "loop.yaml")


REFUSED = [
    (SR, {"promts": {}}, "loop.yaml: unknown key 'promts'", "did you mean 'prompts'?"),
    (SR, {1: {}}, "loop.yaml: unknown key '1'", "known: "),
    (SR, {"model": None}, "no model is named", "add `model: PATH`"),
    (SR, {"model": 7}, "no model is named", "add `model: PATH`"),
    (SR, {"prompts": {"numbr": 3}}, "prompts: unknown option 'numbr'", "did you mean 'number'?"),
    (SR, {"prompts": {"number": "3"}}, "prompts: Expected `int`, got `str` - at `$.number`", "judgebench list"),
    (SR, {"prompts": [1]}, "prompts is [1]", "it must be a mapping"),
    (SR, {"prompts": None}, "prompts is None", "it must be a mapping"),
    (SR, {"candidates": {"n": 1}}, "Expected `int` >= 2", "judgebench list"),
    (SR, {"candidates": {"top_p": 0}}, "Expected `float` > 0", "judgebench list"),
    (SR, {"candidates": {"temperature": float("nan")}}, "`$.temperature`", "judgebench list"),
    (SR, {"candidates": {"temperature": float("inf")}}, "option 'temperature' is inf", "give a finite number"),
    (SR, {"pairs": {"rule": "best-wurst"}}, "Invalid enum value 'best-wurst'", "did you mean 'best-worst'?"),
    (SR, {"pairs": {"margin": -1}}, "Expected `float` >= 0.0 - at `$.margin`", "judgebench list"),
    (MR, {"pairs": {"rho": 1.5}}, "Expected `float` <= 1.0 - at `$.rho`", "judgebench list"),
    (MR, {"meta": {"ridge": 0}}, "`$.ridge`", "judgebench list"),
    (STE, {"self_taught": {"majority": 1}}, "`$.majority`", "judgebench list"),
    (RLAIF, {"rlaif": {"confidence": 0.4}}, "Expected `float` >= 0.5 - at `$.confidence`", "judgebench list"),
    (SR, {"judge": None}, "no judge is named", "add `judge:`"),
    (SR, {"judge": ["additive"]}, "no judge is named", "add `judge:`"),
    (SR, {"scores": 5}, "scores is 5", "a judge as in a run file"),
    (SR, {"start": "sead"}, "start is 'sead'", "it is one of: previous, seed"),
    (SR, {"reference": "M1"}, "reference is 'M1'", "it is one of: start, seed"),
    (SR, {"seed": True}, "seed is True", "it must be a whole number"),
    (SR, {"seed": -1}, "seed is -1", "give a number from 0 on"),
    (SR, {"seed": "1"}, "seed is '1'", "it must be a whole number"),
    (SR, {"first": -1}, "first is -1", "give a number from 0 on"),
    (SR, {"out": 5}, "out is 5", "it must be a text"),
    (SR, {"ask": "hf"}, "ask is 'hf'", "it must be a mapping"),
    (SR, {"ift": 3}, "ift is 3", "it must be a text"),
    (SR, {"eft": {"tie": "wrong"}}, "eft: unknown option 'tie'", "did you mean 'ties'?"),
    (SR, {"models": {"current": "hf:x"}}, "'current' is the loop's own word", "call that model otherwise"),
    (SR, {"models": {"candidate": "hf:x"}}, "'candidate' is the loop's own word", "call that model otherwise"),
    (SR, {"models": {"M1": "hf:x"}}, "'M1' is the loop's own word", "call that model otherwise"),
    (SR, {"models": {"step-20": "hf:x"}}, "'step-20' is the loop's own word", "call that model otherwise"),
    (SR, {"models": {1: "hf:x"}}, "models: 1 is no name", "put it in quotes"),
    (SR, {"candidates": {1: 2}}, "candidates: 1 is no name", "put it in quotes"),
    (SR, {"evaluate": [{"benchmark": "b", "as_judge": "verdict@chekpoint"}]}, "names no checkpoint", "`checkpoint`"),
    (
        SR,
        {"evaluate": [{"benchmark": "b", "as_policy": "chat:checkpoint", "policies": {"M1": "chat:x"}}]},
        "policies: 'M1' is the loop's own word",
        "call it otherwise",
    ),
    (SR, {"train": {"sftt": {}}}, "train: unknown key 'sftt'", "did you mean 'sft'?"),
    (SR, {"train": {"dpo": {"preset": "self-rewarding-dpoo"}}}, "no preset 'self-rewarding-dpoo'", "did you mean"),
    (SR, {"train": {"dpo": {"learning_rat": 1}}}, "unknown option 'learning_rat'", "did you mean"),
    (SR, {"train": {"dpo": {"beta": 0}}}, "DPO with beta=0 learns nothing", "beta=0.1"),
    (SR, {"train": {"dpo": {"batch": 6, "per_device_batch": 4}}}, "no multiple of per_device_batch=4", "divides"),
    (SR, {"choose": {"by": "measure"}}, "by=measure needs `run` and `measure`", "name a benchmark"),
    (SR, {"choose": {"run": {"benchmark": "x"}}}, "run must say what a checkpoint is in it", "add `as_policy:`"),
    (SR, {"iterations": 0}, "iterations is 0", "a number from 1 on"),
    (SR, {"iterations": True}, "iterations is True", "a number from 1 on"),
    (SR, {"iterations": []}, "iterations is []", "a list of mappings"),
    (SR, {"iterations": [{}, 3]}, "iterations is [{}, 3]", "a list of mappings"),
    (SR, {"iterations": [{}, {"paris": {}}]}, "iteration 2: unknown key 'paris'", "did you mean 'pairs'?"),
    (SR, {"iterations": [{"seed": 1}]}, "iteration 1: unknown key 'seed'", "known: "),
    (SR, {"iterations": [{"pairs": {"rhoo": 1}}]}, "iteration 1: pairs: unknown option 'rhoo'", "did you mean 'rho'?"),
    (SR, {"iterations": [{"rlaif": {}}]}, "iteration 1: self-rewarding has no 'rlaif'", "its parts: prompts"),
    (STE, {"iterations": [{"scores": "additive@current"}]}, "iteration 1: self-taught has no 'scores'", "its parts"),
    (SR, {"iterations": [{"prompts": {"path": "x"}}]}, "'path' is the same for all iterations", "number, reuse"),
    (STE, {"iterations": [{"self_taught": {"writer": "x"}}]}, "'writer' is the same for all iterations", "samples"),
    (SR, {"evaluate": {}}, "evaluate is {}", "it must be a list"),
    (SR, {"evaluate": [3]}, "evaluate 1 is 3", "it must be a mapping"),
    (SR, {"evaluate": [{"as_judge": "v@checkpoint"}]}, "evaluate 1 names no benchmark", "add `benchmark: NAME`"),
    (SR, {"evaluate": [{"benchmark": "starter"}]}, "must say what a checkpoint is in it", "add `as_policy"),
    (
        SR,
        {"evaluate": [{"benchmark": "b", "as_judge": "v@checkpoint", "as_policy": "chat:checkpoint"}]},
        "what a checkpoint is",
        "add",
    ),
    (
        SR,
        {"evaluate": [{"benchmark": "b", "as_judge": "v@checkpoint"}] * 2},
        "two evaluations are called 'judge'",
        "`name`",
    ),
    (
        SR,
        {"evaluate": [{"benchmark": "b", "as_judge": "v@checkpoint", "out": "y"}]},
        "the loop sets `out`",
        "leave them out",
    ),
]


@pytest.mark.parametrize(("system", "given_", "message", "hint"), REFUSED, ids=[f"{row[2]}" for row in REFUSED])
def test_refused_in_two_lines(system, given_, message, hint):
    with pytest.raises(ConfigError) as error:
        from_mapping(system, {"model": "m", **given_}, "loop.yaml")
    assert message in error.value.message
    assert hint in error.value.hint
    assert "loop.yaml" in error.value.message or "training:" in error.value.message or "choose:" in error.value.message


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_part_that_a_system_does_not_have_is_refused(system):
    parts = {**{name: {} for name in SECTIONS}, "eft": {}, "ift": "x", "scores": "additive@current"}
    for part, value in parts.items():
        if part in USES[system]:
            of(system, **{part: value})
        else:
            with pytest.raises(ConfigError, match=f"{system} has no '{part}'") as error:
                of(system, **{part: value})
            assert error.value.hint == f"its parts: {', '.join(USES[system])}"
            if part in PER_ITERATION:
                with pytest.raises(ConfigError, match=f"iteration 2: {system} has no '{part}'"):
                    of(system, iterations=[{}, {part: value}])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no mapping"),
        ("- 1", "holds no mapping"),
        ("a: [", "while parsing"),
        ("when: 2024-13-45", "month must be in"),
        ("a: \x07", "unacceptable character"),
    ],
)
def test_files_that_are_no_configuration(text, message, tmp_path):
    path = tmp_path / "loop.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as error:
        read(SR, path)
    assert str(path) in error.value.message
    assert "\n" not in error.value.message


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        read(SR, tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"model: \xe9")
    with pytest.raises(ConfigError, match="utf-8"):
        read(SR, tmp_path / "latin.yaml")


def test_self_rewarding_as_in_the_paper():
    loop = of(SR)
    assert (loop.first, len(loop.iterations), loop.warms_up) == (1, 2, False)
    for one in loop.iterations:
        assert (one.start, one.candidates.n, one.candidates.temperature, one.candidates.top_p) == (
            "previous",
            4,
            0.7,
            0.9,
        )
        assert one.judge == {"judge": "additive", "preset": "self-rewarding", "model": "current"}
        assert (one.pairs.rule, one.pairs.margin, one.meta.on) == ("best-worst", 0.0, False)
        dpo, sft = one.train["dpo"], one.train["sft"]
        assert (dpo.method, dpo.learning_rate, dpo.batch, dpo.dropout, dpo.beta) == ("dpo", 1e-6, 16, 0.1, 0.1)
        assert (dpo.final_lr_ratio, dpo.save_every) == (0.1, 200)
        assert (sft.method, sft.learning_rate, sft.batch, sft.dropout) == ("sft", 5.5e-6, 16, 0.1)
        assert sft.learning_rate * sft.final_lr_ratio == pytest.approx(1.1e-6)
    prompts = loop.before.prompts
    assert (prompts.shots, prompts.from_new, prompts.temperature, prompts.top_p) == (8, 2, 0.6, 0.9)


def test_meta_rewarding_as_in_the_paper():
    loop = of(MR)
    assert [one.pairs.rho for one in loop.iterations] == [0.0, 0.32, 0.32, 0.4]
    assert [one.pairs.longest_chosen for one in loop.iterations] == [2500, 0, 0, 0]
    assert [(one.meta.on, one.meta.longest_chosen) for one in loop.iterations] == [
        (True, 1100),
        (True, 1000),
        (False, 0),
        (False, 0),
    ]
    for one in loop.iterations:
        assert (one.candidates.n, one.candidates.temperature, one.candidates.top_p) == (7, 0.8, 0.95)
        assert one.judge == {"judge": "additive", "preset": "meta-rewarding", "model": "current"}
        assert (one.pairs.rule, one.prompts.number, one.start, one.meta.most) == ("length-tiers", 5000, "previous", 11)
        dpo = one.train["dpo"]
        assert (dpo.learning_rate, dpo.batch, dpo.beta, dpo.epochs, dpo.scheduler) == (5e-6, 32, 0.1, 10, "cosine")
    assert (loop.first, loop.before.prompts.shots) == (0, 8)


def test_self_taught_evaluators_as_in_the_paper():
    loop = of(STE)
    assert len(loop.iterations) == 5
    for one in loop.iterations:
        taught = one.self_taught
        assert one.start == "seed"
        assert (taught.samples, taught.temperature, taught.top_p, taught.majority) == (15, 0.7, 0.9, None)
        assert (taught.worse, taught.rows, taught.balance) == ("two-calls", "sft", True)
        assert one.judge == {"judge": "self-taught", "preset": "training", "model": "current"}
        sft = one.train["sft"]
        assert (sft.learning_rate, sft.final_lr_ratio, sft.warmup_steps, sft.epochs) == (1e-6, 0.2, 100, 2)


def test_rlaif_as_in_the_paper():
    loop = of(RLAIF)
    (one,) = loop.iterations
    assert (one.candidates.n, one.candidates.temperature, one.rlaif.average) == (2, 0.9, "probabilities")
    assert one.judge == {"judge": "rlaif", "preset": "helpful", "model": "labeler"}
    rl, reward = one.train["rl"], one.train["reward"]
    assert (rl.method, rl.beta, rl.batch, rl.learning_rate, rl.epochs, rl.temperature) == (
        "rloo",
        0.05,
        128,
        1e-5,
        8,
        0.9,
    )
    assert (reward.method, reward.batch, reward.learning_rate, reward.optimizer) == ("reward", 128, 1e-5, "adafactor")
    assert 2 <= reward.epochs <= 3


def test_a_number_of_iterations_is_the_papers_first_and_its_last_goes_on():
    assert [one.pairs.rho for one in of(MR, iterations=2).iterations] == [0.0, 0.32]
    assert [one.meta.on for one in of(MR, iterations=2).iterations] == [True, True]
    longer = of(MR, iterations=6).iterations
    assert [one.pairs.rho for one in longer] == [0.0, 0.32, 0.32, 0.4, 0.4, 0.4]
    assert [one.number for one in longer] == [1, 2, 3, 4, 5, 6]
    assert len(of(SR, iterations=3).iterations) == 3


def test_what_the_file_says_stands_over_the_papers_schedule():
    loop = of(MR, pairs={"rho": 0.1}, meta={"longest_chosen": 0}, iterations=3)
    assert [one.pairs.rho for one in loop.iterations] == [0.1, 0.1, 0.1]
    assert [one.pairs.longest_chosen for one in loop.iterations] == [2500, 0, 0]
    assert [(one.meta.on, one.meta.longest_chosen) for one in loop.iterations] == [(True, 0), (True, 0), (False, 0)]


def test_iterations_of_ones_own_stand_in_the_place_of_the_papers():
    loop = of(
        MR,
        pairs={"rho": 0.2},
        candidates={"n": 3},
        iterations=[{}, {"pairs": {"rho": 0.1}, "judge": "rating@current", "start": "seed"}],
    )
    one, two = loop.iterations
    assert (one.pairs.rho, two.pairs.rho) == (0.2, 0.1)
    assert (one.pairs.rule, one.candidates.n, one.candidates.temperature) == ("length-tiers", 3, 0.8)
    assert (one.start, two.start, two.judge) == ("previous", "seed", "rating@current")
    assert one.judge["preset"] == "meta-rewarding"
    assert loop.before.pairs.rho == 0.2


def test_another_judge_stands_in_the_place_of_the_papers_whole():
    assert of(SR, judge={"judge": "rating", "model": "x"}).before.judge == {"judge": "rating", "model": "x"}
    assert of(SR, judge={"judge": "additive", "samples": 5}).before.judge == {
        "judge": "additive",
        "preset": "self-rewarding",
        "model": "current",
        "samples": 5,
    }
    preset = {"judge": "additive", "preset": "meta-rewarding", "model": "x"}
    assert of(SR, judge=preset).before.judge == preset
    assert of(SR, judge="additive@x").before.judge == "additive@x"


def test_a_meta_judge_is_an_option_of_its_part():
    for judge in ("verdict@x", {"judge": "verdict", "model": "x"}):
        loop = of(MR, meta={"judge": judge, "most": 5}, iterations=[{}, {"meta": {"judge": "logprob@y"}}])
        assert [(one.meta.on, one.meta.most) for one in loop.iterations] == [(True, 5), (True, 5)]
        assert [one.meta.judge for one in loop.iterations] == [judge, "logprob@y"]
    assert [one.meta.on for one in of(MR, meta={"judge": "verdict@x"}).iterations] == [True, True, False, False]


def test_another_preset_of_a_training_stands_in_the_place_of_the_papers_whole():
    dpo = of(SR, train={"dpo": {"preset": "meta-rewarding-dpo", "epochs": 1}}).before.train["dpo"]
    assert (dpo.learning_rate, dpo.batch, dpo.dropout, dpo.epochs) == (5e-6, 32, 0.0, 1)
    assert of(SR, train={"dpo": {"epochs": 3}}).before.train["dpo"].learning_rate == 1e-6


def test_every_preset_builds_and_each_training_has_its_method():
    for system in SYSTEMS:
        train = of(system).before.train
        assert {name: one.method for name, one in train.items()} == dict(METHODS)
        assert all(isinstance(one, Training) for one in train.values())


KEYS = st.sampled_from("abcd")
PLAIN = st.dictionaries(
    KEYS, st.recursive(st.integers() | st.none(), lambda deeper: st.dictionaries(KEYS, deeper), max_leaves=8)
)


def laid(under, over):
    """One mapping over another, written once more: what both have as mappings is laid over again."""
    both = {key: value for key, value in under.items() if key not in over}
    for key, value in over.items():
        deep = isinstance(value, dict) and isinstance(under.get(key), dict)
        both[key] = laid(under[key], value) if deep else value
    return both


@settings(max_examples=40)
@given(PLAIN, PLAIN, PLAIN)
def test_merging_plain_mappings(one, two, three):
    assert merged(one, two) == laid(one, two)
    assert merged(merged(one, two), three) == merged(one, two, three)
    assert merged(one, {}) == merged({}, one) == merged(one) == merged(one, one) == one


@settings(max_examples=40)
@given(PLAIN, PLAIN, st.sampled_from(["judge", "policy", "backend", "benchmark", "preset"]))
def test_merging_entries_of_other_components(one, two, kind):
    before, after = {**one, kind: "x"}, {**two, kind: "y"}
    assert merged({"entry": before}, {"entry": after}) == {"entry": after}
    assert merged({"entry": before}, {"entry": {**two, kind: "x"}}) == {"entry": laid(before, {**two, kind: "x"})}


def test_merging_leaves_the_papers_alone():
    before = repr(PAPERS)
    found = merged(PAPERS["meta-rewarding"], {"candidates": {"n": 2}})
    found["candidates"]["n"] = 9
    assert repr(PAPERS) == before


def test_learning_rates_as_people_write_them(tmp_path):
    config = tmp_path / "loop.yaml"
    config.write_text("model: m\ntrain: {dpo: {learning_rate: 5e-6, beta: .1}}\n")
    assert read("self-rewarding", config).iterations[0].train["dpo"].learning_rate == 5e-6


def test_a_key_that_stands_twice(tmp_path):
    config = tmp_path / "loop.yaml"
    config.write_text("model: m\npairs: {rho: 0.1, rho: 0.2}\n")
    with pytest.raises(ConfigError, match=r"'rho' stands here a second time.*line 2"):
        read("meta-rewarding", config)
