"""Patterns: what they stand for, what it is called, in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import ConfigError
from judgebench.engine.checkpoints import expanded, in_order, natural, pattern_of
from judgebench.engine.spec import from_mapping, named


@pytest.fixture
def ckpts(tmp_path, monkeypatch):
    for name in ("step-10", "step-9", "step-100", "other"):
        (tmp_path / "ckpts" / name).mkdir(parents=True)
        (tmp_path / "ckpts" / name / "final").mkdir()
    (tmp_path / "out").mkdir()
    for name in ("iter2", "iter1"):
        (tmp_path / "out" / f"{name}.jsonl").touch()
    monkeypatch.chdir(tmp_path)


def spec(policies=(), judges=(), **more):
    values = {"policies": named(policies, "policies"), "judges": named(judges, "judges"), **more}
    return from_mapping({"benchmark": "b", **values}, "test")


@pytest.mark.usefixtures("ckpts")
@pytest.mark.parametrize(
    ("text", "entries"),
    [
        (
            "hf:ckpts/step-*",
            {"step-9": "hf:ckpts/step-9", "step-10": "hf:ckpts/step-10", "step-100": "hf:ckpts/step-100"},
        ),
        (
            "sft=hf:./ckpts/step-1*,dtype=float32",
            {"sft-step-10": "hf:./ckpts/step-10,dtype=float32", "sft-step-100": "hf:./ckpts/step-100,dtype=float32"},
        ),
        (
            "hf:ckpts/step-1*/final",
            {"step-10/final": "hf:ckpts/step-10/final", "step-100/final": "hf:ckpts/step-100/final"},
        ),
        ("recorded:out/iter*.jsonl", {"iter1": "recorded:out/iter1.jsonl", "iter2": "recorded:out/iter2.jsonl"}),
        ("hf:ckpts/other", {"other": "hf:ckpts/other"}),
    ],
)
def test_a_pattern_stands_for_a_subject_a_checkpoint(text, entries):
    found = expanded(spec([text]))
    assert dict(found.spec.policies) == entries
    assert list(found.spec.policies) == list(entries)
    assert list(found.series.values()) == ([tuple(entries)] if "*" in text else [])


@pytest.mark.usefixtures("ckpts")
def test_judges_and_mappings_have_patterns_too():
    entry = {"policy": "chat", "model": "hf:ckpts/step-1*,dtype=float32", "temperature": 0.7}
    found = expanded(
        from_mapping(
            {
                "benchmark": "b",
                "policies": {"dpo": entry, "plain": "hf:ckpts/other"},
                "judges": named(["logprob@hf:ckpts/step-*,order=both", "j=verdict@strong"], "judges"),
            },
            "test",
        )
    )
    assert found.spec.policies == {
        "dpo-step-10": {**entry, "model": "hf:ckpts/step-10,dtype=float32"},
        "dpo-step-100": {**entry, "model": "hf:ckpts/step-100,dtype=float32"},
        "plain": "hf:ckpts/other",
    }
    assert found.spec.judges["logprob@step-9"] == "logprob@hf:ckpts/step-9,order=both"
    assert found.series == {
        ("policy", "dpo"): ("dpo-step-10", "dpo-step-100"),
        ("judge", "logprob@step-*"): ("logprob@step-9", "logprob@step-10", "logprob@step-100"),
    }


@pytest.mark.usefixtures("ckpts")
def test_only_complete_checkpoints_take_part_where_it_is_known():
    whole = spec(["hf:ckpts/step-*", "hf:none/*"])
    found = expanded(whole, ready=["ckpts/step-9"])
    assert dict(found.spec.policies) == {"step-9": "hf:ckpts/step-9"}
    assert found.series == {("policy", "step-*"): ("step-9",)}


@pytest.mark.usefixtures("ckpts")
def test_a_pattern_without_a_match_and_two_of_one_name_are_errors():
    with pytest.raises(ConfigError, match=r"policy 'step-\*': nothing matches none/step-\*"):
        expanded(spec(["hf:none/step-*"]))
    with pytest.raises(ConfigError, match="two policy entries are called 'step-9'"):
        expanded(spec(["hf:ckpts/step-*", "hf:ckpts/step-9"]))


def test_two_paths_of_one_name_are_not_one_of_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("iter1.json", "iter1.jsonl"):
        (tmp_path / name).touch()
    with pytest.raises(ConfigError, match="two policy entries are called 'iter1'"):
        expanded(spec(["recorded:iter*"]))


def test_a_star_alone_is_more_than_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("f[1]?", "f1x"):
        (tmp_path / folder / "step-1").mkdir(parents=True)
    assert dict(expanded(spec(["hf:f[1]?/step-*"])).spec.policies) == {"step-1": "hf:f[1]?/step-1"}


def test_trainings_in_folders_of_their_own_are_series_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("q/run1/step-1", "q/run1/step-2", "q/run2/step-1"):
        (tmp_path / path).mkdir(parents=True)
    assert expanded(spec(["hf:q/*/step-*"])).series == {
        ("policy", "run1/step-*"): ("run1/step-1", "run1/step-2"),
        ("policy", "run2/step-*"): ("run2/step-1",),
    }
    assert expanded(spec(["dpo=hf:q/*/step-*"])).series == {
        ("policy", "dpo-run1"): ("dpo-run1/step-1", "dpo-run1/step-2"),
        ("policy", "dpo-run2"): ("dpo-run2/step-1",),
    }
    assert expanded(spec(["hf:q/*/step-1"])).series == {("policy", "*/step-1"): ("run1/step-1", "run2/step-1")}


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["epoch-1.5", "epoch-1.25", "epoch-1"], ("epoch-1", "epoch-1.25", "epoch-1.5")),
        (
            ["step-20#9e0000000001", "step-20#267000000000", "step-3"],
            ("step-3", "step-20#9e0000000001", "step-20#267000000000"),
        ),
    ],
)
def test_decimals_are_numbers_and_digests_are_none(names, order):
    assert in_order(names) == order


@pytest.mark.parametrize(
    ("entry", "pattern"),
    [
        ("openai:gpt-4.1", None),
        ("verdict@openai:m,system=*bold*", None),
        ("x=hf:a/*", "a/*"),
        ("logprob@hf:a/*/b,order=both", "a/*/b"),
        ({"judge": "logprob", "model": "hf:a/*", "system": "*"}, "a/*"),
        ({"policy": "recorded", "path": "a/*.json"}, "a/*.json"),
        ({"policy": "recorded", "path": "a.json"}, None),
    ],
)
def test_where_patterns_may_stand(entry, pattern):
    assert pattern_of(entry) == pattern


@given(st.lists(st.integers(0, 10**6), unique=True, max_size=20), st.sampled_from(["step-", "checkpoint_", "", "v1/"]))
def test_natural_order_is_that_of_the_numbers(numbers, prefix):
    names = [f"{prefix}{number}" for number in numbers]
    assert in_order(names) == tuple(f"{prefix}{number}" for number in sorted(numbers))


@given(st.lists(st.text(alphabet="a1²0-", max_size=8)))
def test_any_names_can_be_ordered(names):
    assert sorted(names, key=natural) == sorted(sorted(names), key=natural)
