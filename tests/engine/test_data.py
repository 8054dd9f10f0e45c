"""What benchmarks need of the hub, and how it comes into a mirror; a hub on loopback, and the hub's own library."""

from dataclasses import dataclass

import pytest
from loopback_hub import NEW, OLD, serve_hub, turn_to

from judgebench import Benchmark, ConfigError, DataError, DataFile, hookimpl, option
from judgebench.app import registry
from judgebench.discovery.registry import Origin
from judgebench.engine.data import Need, fetch, mixed, needs, rows
from judgebench.engine.mirror import FILE, differences, recorded

ALPACA = ("tatsu-lab/alpaca_eval/alpaca_eval_gpt4_baseline.json", "tatsu-lab/alpaca_eval/df_gamed.csv")
ARENA = "lmarena-ai/arena-hard-auto/data/arena-hard-"


@dataclass(frozen=True)
class Own(Benchmark):
    name = "own"
    place: str = option(help="a file of yours")

    def items(self):
        return []


@pytest.fixture(scope="module")
def known():
    found = registry()
    module = type("Module", (), {"judgebench_components": staticmethod(hookimpl(lambda: [Own]))})
    found.add(module, Origin("own", "own", "1"))
    return found


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with serve_hub() as hub:
        turn_to(hub.url, tmp_path / "cache", monkeypatch)
        for revision in (OLD, NEW):
            for name in ("a", "b", "c"):
                hub.files[revision, f"owner/set/{name}"] = f"{name} of {revision}".encode()
        hub.files[NEW, "owner/more/d"] = b"d"
        yield hub


def need(*names, repo="owner/set", revision=None):
    return [Need("bench", tuple(DataFile(repo, name, revision=revision) for name in names))]


def get(needed, mirror, revision=None):
    """Outcomes as (name, revision, how it was, whether it was fetched)."""
    return [(o.file.name, o.now.revision, o.before, o.fetched) for o in fetch(needed, mirror, revision)]


def paths(spec, known):
    (found,) = needs([spec], known)
    return [file.path for file in found.files]


def test_what_ships_declares_its_files(known):
    assert paths("alpaca-eval-2", known) == [*ALPACA]
    assert paths("arena-hard-v0.1", known) == [
        f"{ARENA}v0.1/question.jsonl",
        f"{ARENA}v0.1/model_answer/gpt-4-0314.jsonl",
    ]
    assert paths("arena-hard-v2.0", known) == [
        f"{ARENA}v2.0/question.jsonl",
        f"{ARENA}v2.0/model_answer/o3-mini-2025-01-31.jsonl",
        f"{ARENA}v2.0/model_answer/gemini-2.0-flash-001.jsonl",
    ]


def test_options_that_change_the_files_are_heeded(known):
    assert paths("arena-hard-v0.1,baseline=mine", known)[1] == f"{ARENA}v0.1/model_answer/mine.jsonl"
    assert paths("arena-hard-v2.0,category=hard_prompt", known)[1:] == [
        f"{ARENA}v2.0/model_answer/o3-mini-2025-01-31.jsonl"
    ]
    (found,) = needs(["alpaca-eval-2,revision=v7"], known)
    assert {file.revision for file in found.files} == {"v7"}


def test_a_benchmark_made_of_another_one_needs_its_files(known):
    assert paths("head-to-head:alpaca-eval-2", known) == [*ALPACA]
    assert needs(["head-to-head"], known) == [Need("head-to-head")]


def test_all_are_listed_where_none_is_named_and_none_is_opened(known, monkeypatch):
    monkeypatch.setattr("judgebench.plugin.hub.hub_file", None)
    found = {need.benchmark: need for need in needs([], known)}
    assert list(found) == known.names(Benchmark)
    assert found["own"] == Need("own", own="place, a file of yours")
    assert found["starter"] == Need("starter")


def test_every_benchmark_with_a_mirror_declares_files_and_has_a_revision(known):
    for need in needs([], known):
        fields = known.get(Benchmark, need.benchmark).__dataclass_fields__
        assert bool(need.files) == ("data_dir" in fields), need.benchmark
        if need.files:
            (revised,) = needs([f"{need.benchmark},revision=v7"], known)
            assert {file.revision for file in revised.files} == {"v7"}, need.benchmark
            assert all(file.licence and file.note for file in need.files), need.benchmark


def test_your_own_file_named_needs_nothing(known):
    assert needs(["own", "own:x"], known) == [Need("own", own="place, a file of yours"), Need("own:x")]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("alpaca-eval-3", "no benchmark 'alpaca-eval-3'"),
        ("alpaca-eval-2,revison=1", "unknown option 'revison'"),
        ("alpaca-eval-2,data_dir=x", "'data_dir' says nothing here"),
        ("arena-hard-v0.1,baseline=../../x", "is no file of a dataset"),
        ("", "cannot be read"),
    ],
)
def test_a_spec_that_says_something_wrong_is_refused(spec, message, known):
    with pytest.raises(ConfigError, match=message) as caught:
        needs([spec], known)
    assert caught.value.hint


def test_files_are_fetched_once(hub, tmp_path):
    mirror = tmp_path / "mirror"
    assert get(need("a", "b"), mirror) == [("a", NEW, "absent", True), ("b", NEW, "absent", True)]
    assert (mirror / "owner/set/b").read_bytes() == hub.files[NEW, "owner/set/b"]
    hub.broken["owner/set"] = "down"
    assert get(need("a", "b"), mirror) == [("a", NEW, "present", False), ("b", NEW, "present", False)]
    assert differences(mirror) == (2, [])


def test_no_mirror_is_made_for_nothing(tmp_path):
    assert get([Need("starter")], tmp_path / "mirror") == []
    assert not (tmp_path / "mirror").exists()


def test_what_was_changed_or_lost_is_fetched_again_at_its_revision(hub, tmp_path):
    mirror = tmp_path / "mirror"
    get(need("a", "b"), mirror, OLD)
    (mirror / "owner/set/a").write_bytes(b"edited")
    (mirror / "owner/set/b").unlink()
    assert get(need("a", "b"), mirror) == [("a", OLD, "changed", True), ("b", OLD, "absent", True)]
    assert differences(mirror) == (2, [])


def test_a_lost_file_comes_back_at_its_own_revision_where_others_have_another(hub, tmp_path):
    mirror = tmp_path / "mirror"
    get(need("a"), mirror, OLD)
    get(need("b"), mirror, NEW)
    (mirror / "owner/set/b").unlink()
    assert get(need("a", "b"), mirror) == [("a", OLD, "present", False), ("b", NEW, "absent", True)]


def test_files_that_belong_together_come_from_one_revision(hub, tmp_path):
    """The hub moves on between the first file and the others, and between an interrupted fetch and the next."""
    mirror = tmp_path / "mirror"
    hub.main = OLD
    outcomes = fetch(need("a", "b"), mirror)
    assert next(outcomes).now.revision == OLD
    hub.main = NEW
    assert next(outcomes).now.revision == OLD
    outcomes.close()
    assert get(need("c", "a"), mirror) == [("c", OLD, "absent", True), ("a", OLD, "present", False)]
    assert get(need("d", repo="owner/more"), mirror) == [("d", NEW, "absent", True)]


def test_a_branch_that_moves_within_one_fetch_is_resolved_once(hub, tmp_path):
    hub.main = OLD
    outcomes = fetch(need("a", "b"), tmp_path / "mirror", "main")
    next(outcomes)
    hub.main = NEW
    assert [outcome.now.revision for outcome in outcomes] == [OLD]


def test_another_revision_takes_the_place_of_the_one_that_is_there(hub, tmp_path):
    mirror = tmp_path / "mirror"
    get(need("a", "b"), mirror, OLD)
    assert get(need("a"), mirror, OLD) == [("a", OLD, "present", False)]
    assert get(need("a", "b"), mirror, "main") == [("a", NEW, "present", True), ("b", NEW, "present", True)]
    assert get(need("a", "b"), mirror, "main") == [("a", NEW, "present", False), ("b", NEW, "present", False)]
    assert (mirror / "owner/set/a").read_bytes() == hub.files[NEW, "owner/set/a"]
    assert differences(mirror) == (2, [])


def test_the_benchmarks_own_revision_is_asked_for(hub, tmp_path):
    assert get(need("a", revision=OLD), tmp_path / "mirror") == [("a", OLD, "absent", True)]
    with pytest.raises(ConfigError, match=r"owner/set/a is asked for at two revisions, aaa\w+ and main"):
        get(need("a", revision=OLD), tmp_path / "mirror", "main")
    with pytest.raises(ConfigError, match="at two revisions"):
        get(need("a", revision=OLD) + need("a", revision=NEW), tmp_path / "mirror")


def test_a_file_that_two_benchmarks_need_is_fetched_once(hub, tmp_path):
    assert [name for name, *_ in get(need("a", "b") + need("b", "c"), tmp_path / "mirror")] == ["a", "b", "c"]
    asked = [file for file, _ in hub.asked]
    assert asked.count("owner/set/b") == 2  # its head, and its body


def test_a_failure_keeps_what_came_before_it_and_the_next_fetch_goes_on(hub, tmp_path):
    mirror = tmp_path / "mirror"
    del hub.files[NEW, "owner/set/b"]
    outcomes = fetch(need("a", "b", "c"), mirror)
    assert next(outcomes).file.name == "a"
    with pytest.raises(DataError, match=r"owner/set/b could not be fetched: revision 'bbb.* has no such file"):
        next(outcomes)
    assert differences(mirror) == (1, [])
    hub.files[NEW, "owner/set/b"] = b"late"
    asked = len(hub.asked)
    assert [fetched for *_, fetched in get(need("a", "b", "c"), mirror)] == [False, True, True]
    assert {file for file, _ in hub.asked[asked:]} == {"owner/set/b", "owner/set/c"}


def test_an_update_that_was_interrupted_is_told(hub, tmp_path):
    mirror = tmp_path / "mirror"
    get(need("a", "b"), mirror, OLD)
    next(fetch(need("a", "b"), mirror, "main"))
    outcomes = list(fetch(need("a", "b") + need("d", repo="owner/more"), mirror))
    assert mixed(outcomes) == ["owner/set"]
    assert mixed(list(fetch(need("a", "b"), mirror, "main"))) == []


def test_a_file_of_the_users_own_is_kept(hub, tmp_path):
    mirror = tmp_path / "mirror"
    (mirror / "owner/set").mkdir(parents=True)
    (mirror / "owner/set/a").write_bytes(b"a stand-in")
    with pytest.raises(DataError, match="was not fetched"):
        get(need("a"), mirror)
    assert (mirror / "owner/set/a").read_bytes() == b"a stand-in"
    assert not (mirror / FILE).exists()


def test_rows_say_what_a_mirror_has(hub, tmp_path):
    mirror = tmp_path / "mirror"
    get(need("a", "b"), mirror)
    (mirror / "owner/set/b").write_bytes(b"edited")
    (mirror / "owner/more").mkdir()
    (mirror / "owner/more/d").write_bytes(b"mine")
    needed = [*need("a", "b", "c"), *need("d", repo="owner/more"), Need("none"), Need("yours", own="path, a file")]
    found = rows(needed, mirror)
    assert [row.state for row in found] == ["present", "changed", "absent", "unrecorded", None, None]
    assert [row.now for row in found[:3]] == [recorded(mirror).get(f"owner/set/{name}") for name in "abc"]
    assert [(row.benchmark, row.file, row.own) for row in found[4:]] == [
        ("none", None, None),
        ("yours", None, "path, a file"),
    ]
    assert {row.state for row in rows(needed)} == {None}
    with pytest.raises(DataError, match="is no folder"):
        rows(needed, tmp_path / "nowhere")
