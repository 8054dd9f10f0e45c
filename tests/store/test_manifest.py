"""The manifest: what a later run may add, and what makes it another run."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.core.errors import RecordError
from judgebench.store.manifest import FILE, Manifest, Planned, Subject, load, save, selection_name

BASE = Manifest(
    benchmark="pairs",
    options={"path": "a.jsonl", "sections": ("x", "y"), "limit": None},
    data=("d1",),
    measures=("accuracy",),
    seed=7,
    subjects=(Subject("judge", "j", {"component": "logprob", "options": {"temperature": 0.0, "é": [1, None]}}),),
    planned=(Planned("j#1", None, "seeded", 1, "s10"),),
    software={"judgebench": ("0.1",)},
)
subjects = st.builds(Subject, st.just("judge"), st.sampled_from("ab"), st.sampled_from([{"x": 1}, {"x": 2}]))
plans = st.builds(
    Planned,
    st.sampled_from("jk"),
    st.sampled_from(["p", None]),
    st.sampled_from(["both", "seeded"]),
    st.integers(1, 3),
    st.sampled_from(["s2", "s5"]),
)
manifests = st.builds(
    lambda subjects, planned, data, measures, software: msgspec.structs.replace(
        BASE, subjects=subjects, planned=planned, data=data, measures=measures, software=software
    ),
    st.lists(subjects, max_size=4).map(tuple),
    st.lists(plans, max_size=4).map(tuple),
    st.lists(st.sampled_from(["d1", "d2", "d3"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["m1", "m2", "m3"]), max_size=3).map(tuple),
    st.dictionaries(st.sampled_from("pq"), st.lists(st.sampled_from("12"), min_size=1, max_size=2).map(tuple)),
)


def trials(manifest: Manifest) -> set[tuple[Any, ...]]:
    """What is planned, one by one."""
    return {
        (plan.judge, plan.policy, order, repeat, item)
        for plan in manifest.planned
        for order in (("seeded", "swapped") if plan.order == "both" else ("seeded",))
        for repeat in range(plan.repeats)
        for item in range(int(plan.selection[1:]))
    }


def merged(manifest: Manifest) -> tuple[Any, ...]:
    """A manifest apart from the order in which things came to it."""
    return (
        {subject.key for subject in manifest.subjects},
        trials(manifest),
        set(manifest.data),
        set(manifest.measures),
        {name: set(versions) for name, versions in manifest.software.items()},
    )


@given(manifests, manifests)
def test_a_manifest_is_extended_by_all_of_another(one: Manifest, other: Manifest) -> None:
    both = one.extended(other)
    assert {subject.key for subject in both.subjects} == {s.key for s in (*one.subjects, *other.subjects)}
    assert len(both.subjects) == len({subject.key for subject in both.subjects})
    assert trials(both) == trials(one) | trials(other)
    assert len(both.planned) == len(set(both.planned))
    assert set(both.data) == {*one.data, *other.data}
    assert list(both.data) == sorted(set(both.data))
    assert list(dict.fromkeys((*one.measures, *other.measures))) == list(both.measures)
    for name in {*one.software, *other.software}:
        assert both.software[name] == tuple(sorted({*one.software.get(name, ()), *other.software.get(name, ())}))


@given(manifests, manifests, manifests)
def test_the_order_of_extensions_never_matters(one: Manifest, two: Manifest, three: Manifest) -> None:
    assert merged(one.extended(two)) == merged(two.extended(one))
    assert merged(one.extended(two).extended(three)) == merged(one.extended(two.extended(three)))
    both = one.extended(two)
    assert both.extended(two) == both
    assert both.extended(one) == both


def test_selections_stand_under_their_names() -> None:
    assert selection_name(["b", "a"]) == selection_name(["a", "b"]) != selection_name(["a"])
    one = msgspec.structs.replace(BASE, selections={"s1": ("a",)})
    other = msgspec.structs.replace(BASE, selections={"s2": ("a", "b")})
    assert one.extended(other).selections == {"s1": ("a",), "s2": ("a", "b")}


def test_plans_stand_beside_each_other_and_plan_nothing_that_nobody_asked_for() -> None:
    one = msgspec.structs.replace(BASE, planned=(Planned("j", "p", "seeded", 3, "s5"),))
    other = msgspec.structs.replace(BASE, planned=(Planned("j", "p", "both", 1, "s10"), *one.planned))
    assert one.extended(other).planned == (*one.planned, Planned("j", "p", "both", 1, "s10"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"benchmark": "starter"}, "made with benchmark pairs, not starter"),
        ({"seed": 8}, "made with seed 7, not 8"),
        ({"options": {"path": "b.jsonl"}}, "made with options "),
        ({"options": {**BASE.options, "limit": 0}}, "made with options "),
        ({"options": {**BASE.options, "sections": ("y", "x")}}, "made with options "),
    ],
)
def test_another_run_is_an_error(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RecordError, match=words) as caught:
        BASE.extended(msgspec.structs.replace(BASE, **change))
    assert "--out" in caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("path", ["a.jsonl", "caf\udce9.jsonl", "\u2028"])  # \udce9: a file name that is not UTF-8
@pytest.mark.parametrize("number", [1, 0.1, 1e300, math.inf, math.nan, None])
def test_a_manifest_that_was_saved_is_the_same_run(tmp_path: Path, path: str, number: float | None) -> None:
    values = {"path": path, "sections": ("x", ("y",)), "t": number}
    manifest = msgspec.structs.replace(BASE, options=values, subjects=(Subject("policy", "p", values),))
    save(tmp_path, manifest)
    saved = load(tmp_path)
    assert saved is not None
    assert [subject.key for subject in saved.subjects] == [subject.key for subject in manifest.subjects]
    assert len(saved.extended(manifest).subjects) == 1
    assert len(manifest.extended(saved).subjects) == 1


def test_its_json_is_stable(tmp_path: Path) -> None:
    save(tmp_path, BASE)
    data = (tmp_path / FILE).read_bytes()
    assert data.endswith(b"\n}\n")
    members = json.loads(data)
    assert list(members) == list(Manifest.__struct_fields__)
    assert members["schema"] == 1
    assert members["planned"] == [{"judge": "j#1", "policy": None, "order": "seeded", "repeats": 1, "selection": "s10"}]
    loaded = load(tmp_path)
    assert loaded is not None
    save(tmp_path, loaded)
    assert (tmp_path / FILE).read_bytes() == data
    save(tmp_path, BASE.extended(loaded))
    assert (tmp_path / FILE).read_bytes() == data


def test_the_key_of_a_subject() -> None:
    one = Subject("judge", "j", {"a": 1, "b": {"c": 2.5, "d": None}})
    assert one.key == Subject("judge", "j", {"b": {"d": None, "c": 2.5}, "a": 1}).key
    assert one.key.startswith("j#")
    assert len(one.key) == len("j#") + 12
    assert len({one.key, Subject("judge", "j", {"a": 2}).key, Subject("judge", "k", one.identity).key}) == 3


def test_where_there_is_none(tmp_path: Path) -> None:
    assert load(tmp_path) is None
    assert load(tmp_path / "none") is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"benchmark":"\xff"}',
        b'{"benchmark":"pairs"}',
        msgspec.json.encode({**msgspec.to_builtins(BASE), "schema": 2}),
        msgspec.json.encode({**msgspec.to_builtins(BASE), "seed": "7"}),
    ],
)
def test_a_manifest_that_cannot_be_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(RecordError, match=r"manifest\.json cannot be read: ") as caught:
        load(tmp_path)
    assert caught.value.hint


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(RecordError, match="cannot be read"):
        load(tmp_path)
    with pytest.raises(RecordError, match="cannot be written"):
        save(tmp_path, BASE)
    (tmp_path / "file").touch()
    with pytest.raises(RecordError):
        load(tmp_path / "file")


def test_a_full_disk_leaves_the_old_manifest(tmp_path: Path, full_disk: Callable[[int], Any]) -> None:
    save(tmp_path, BASE)
    data = (tmp_path / FILE).read_bytes()
    with full_disk(100), pytest.raises(RecordError, match="cannot be written"):
        save(tmp_path, BASE.extended(msgspec.structs.replace(BASE, data=("d2",))))
    assert (tmp_path / FILE).read_bytes() == data
    assert list(tmp_path.iterdir()) == [tmp_path / FILE]
