"""judgebench data, in processes of its own where it fetches; a hub on loopback."""

import json
import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner
from loopback_hub import NEW, serve_hub

from judgebench.cli.data import _size, command
from judgebench.core.errors import ConfigError, DataError

BASELINE, GAMED = (f"tatsu-lab/alpaca_eval/{name}" for name in ("alpaca_eval_gpt4_baseline.json", "df_gamed.csv"))
ROWS = [{"instruction": "q", "output": "b", "generator": "base", "dataset": "d"}]
HEADER = "model,index,preference,std_delta_len,instruction_difficulty,not_gamed_baseline"
SECRET = "hf_secretsecretsecret"


@pytest.fixture
def hub():
    with serve_hub() as hub:
        hub.files[NEW, BASELINE] = json.dumps(ROWS).encode()
        hub.files[NEW, GAMED] = f"{HEADER}\nconcise,0,0.1,1.5,0.0,False\n".encode()
        yield hub


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch):
    monkeypatch.delenv("JUDGEBENCH_DATA", raising=False)


def surroundings(url, tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return {**kept, "HF_ENDPOINT": url, "HF_HOME": str(tmp_path / "hf"), "HF_TOKEN": SECRET, "TMPDIR": str(tmp_path)}


def judgebench(url, tmp_path, *arguments):
    command = [sys.executable, "-W", "error", "-m", "judgebench.cli.main", *map(str, arguments)]
    env = surroundings(url, tmp_path)
    return subprocess.run(command, env=env, capture_output=True, text=True, cwd=tmp_path, timeout=60)


def shown(*arguments):
    """What the command prints in this process; its error is raised."""
    done = CliRunner().invoke(command, [*map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_mirror_is_fetched_verified_and_read(hub, tmp_path):
    mirror = tmp_path / "mirror"
    done = judgebench(hub.url, tmp_path, "data", "fetch", "alpaca-eval-2", "starter", "--data-dir", mirror)
    assert (done.returncode, done.stderr) == (0, "")
    sizes = {name: len(hub.files[NEW, name]) for name in (BASELINE, GAMED)}
    assert done.stdout.splitlines() == [
        "starter: nothing",
        *(f"{name}: fetched ({size} B, revision {NEW})" for name, size in sizes.items()),
    ]
    assert {path.name for path in mirror.iterdir()} == {
        "tatsu-lab",
        "judgebench-data.json",
        ".judgebench-data.lock",
    }
    run = ("run", "alpaca-eval-2", "--judge", "verdict@openai:m", "--policy", "recorded:answers.json", "--dry-run")
    (tmp_path / "answers.json").write_text(json.dumps([{"instruction": "q", "output": "a", "generator": "g"}]))
    asked = len(hub.asked)
    assert judgebench(hub.url, tmp_path, *run, "--data-dir", mirror).returncode == 0
    assert len(hub.asked) == asked  # the mirror is enough

    assert shown("verify", "--data-dir", mirror) == "as fetched: 2 files\n"
    table = [line.split() for line in shown("list", "alpaca-eval-2", "--data-dir", mirror).splitlines()]
    assert [line[-1] for line in table] == ["mirror", "present", "present"]
    assert table[1][:5] == ["alpaca-eval-2", BASELINE, "CC-BY-NC-4.0", str(sizes[BASELINE]), "B"]

    (mirror / GAMED).write_bytes(hub.files[NEW, GAMED].replace(b"0.1", b"0.2"))
    (mirror / "tatsu-lab/alpaca_eval/mine.csv").touch()
    done = judgebench(hub.url, tmp_path, "data", "verify", "--data-dir", mirror)
    assert done.returncode == 4
    assert done.stdout.splitlines() == [
        f"changed: {GAMED}",
        "unrecorded: tatsu-lab/alpaca_eval/mine.csv",
        "as fetched: 1 file",
    ]
    error, hint = done.stderr.splitlines()
    assert error == f"error: {mirror} is not as it was fetched: 1 changed, 1 unrecorded"
    assert hint.startswith("hint: `judgebench data fetch`")


def test_a_kill_in_the_middle_of_a_download_leaves_no_half_file(hub, tmp_path):
    mirror = tmp_path / "mirror"
    hub.torn.add("df_gamed.csv")
    fetch = ("data", "fetch", "alpaca-eval-2", "--data-dir", mirror)
    line = [sys.executable, "-m", "judgebench.cli.main", *map(str, fetch)]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(line, env=surroundings(hub.url, tmp_path), **pipes) as process:
        assert hub.halfway.wait(30)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert {path.name for path in mirror.rglob("*") if path.is_file()} == {
        ".judgebench-data.lock",
        "judgebench-data.json",
        "alpaca_eval_gpt4_baseline.json",
    }
    assert shown("verify", "--data-dir", mirror) == "as fetched: 1 file\n"
    hub.torn.clear()
    hub.go_on.set()
    done = judgebench(hub.url, tmp_path, *fetch)
    assert done.returncode == 0, done.stderr
    assert [line.split(": ")[1].split(" (")[0] for line in done.stdout.splitlines()] == ["is there", "fetched"]
    assert (mirror / GAMED).read_bytes() == hub.files[NEW, GAMED]
    assert shown("verify", "--data-dir", mirror) == "as fetched: 2 files\n"


def test_a_gated_dataset_is_an_error_in_two_lines_without_the_token(hub, tmp_path):
    hub.broken["tatsu-lab/alpaca_eval"] = "gated"
    done = judgebench(hub.url, tmp_path, "data", "fetch", "alpaca-eval-2", "--data-dir", tmp_path / "mirror")
    assert done.returncode == 4
    error, hint = done.stderr.splitlines()
    assert error == f"error: {BASELINE} could not be fetched: access to it is restricted (403)"
    assert "HF_TOKEN" in hint
    assert hub.tokens == {f"Bearer {SECRET}"}
    assert SECRET not in done.stdout + done.stderr


def test_the_list_of_all_names_every_benchmark_and_what_is_not_known(tmp_path):
    lines = shown("list").splitlines()
    assert lines[0].split() == ["benchmark", "file", "licence", "size"]
    found = {line.split()[0]: line for line in lines[1:]}
    assert found["starter"].split() == ["starter", "nothing"]
    assert found["pairs"].split(maxsplit=2)[1:] == ["your", "own: " + found["pairs"].partition("own: ")[2]]
    assert "own: path, jsonl file" in found["pairs"]
    assert found["arena-hard-v2.0"].split()[-1] == "?"
    assert [line.split()[-2:] for line in lines if line.startswith("alpaca-eval-2 ")] == [["1.9", "MB"], ["149", "kB"]]


def test_the_list_as_json():
    found = json.loads(shown("list", "--json", "alpaca-eval-2", "starter", "pairs"))
    assert found[0] == {
        "benchmark": "alpaca-eval-2",
        "file": BASELINE,
        "licence": "CC-BY-NC-4.0",
        "bytes": 1_900_000,
        "note": "instructions and GPT-4 Turbo's answers",
        "revision": None,
        "mirror": None,
    }
    assert found[2] == {"benchmark": "starter", "file": None, "own": None}
    assert found[3]["own"].startswith("path, jsonl file")


def test_the_variable_names_the_mirror(tmp_path, monkeypatch):
    monkeypatch.setenv("JUDGEBENCH_DATA", str(tmp_path))
    assert [line.split()[-1] for line in shown("list", "alpaca-eval-2").splitlines()] == ["mirror", "absent", "absent"]
    with pytest.raises(DataError, match=r"holds no judgebench-data\.json"):
        shown("verify")


@pytest.mark.parametrize("arguments", [["fetch", "alpaca-eval-2"], ["verify"], ["fetch", "--data-dir", "x"]])
def test_a_mirror_and_a_benchmark_must_be_named(arguments):
    assert "Missing" in shown(*arguments)


def test_an_unknown_benchmark_is_refused_before_anything_is_made(tmp_path):
    with pytest.raises(ConfigError, match="no benchmark 'alpaca-eval'"):
        shown("fetch", "starter", "alpaca-eval", "--data-dir", tmp_path / "mirror")
    assert not (tmp_path / "mirror").exists()


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "?"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (149_499, "149 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (15_300_000, "15.3 MB"),
        (2_000_000_000, "2 GB"),
    ],
)
def test_sizes_have_three_digits(size, text):
    assert _size(size) == text
