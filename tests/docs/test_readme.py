"""What the README shows is run: its commands, its run file, its plugin, its links to the Makefile."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import official_files
import pytest
from loopback_hub import NEW, serve_hub

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
JUDGES = (ROOT / "docs/judges.md").read_text()


def blocks(language, page=README):
    return [text for name, text in re.findall(r"```(\w+)\n(.*?)```", page, flags=re.DOTALL) if name == language]


def commands(page=README):
    """Each command of the sh blocks, continued lines joined, comments left out."""
    text = "\n".join(blocks("sh", page)).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "outputs").mkdir()
    for name in ("iter1", "iter2"):
        answers = [{"instruction": "q", "output": f"{name} answers", "generator": name}]
        (tmp_path / f"outputs/{name}.json").write_text(json.dumps(answers))
    (tmp_path / "prompts.jsonl").write_text(json.dumps({"prompt": "q"}))
    (tmp_path / "my-pairs.jsonl").write_text(json.dumps({"prompt": "q", "response_a": "x", "response_b": "y"}))
    rows = [
        {"instruction": f"q{k}", "output_1": "b", "generator_1": "base", "output_2": "c", "generator_2": "g"}
        for k in "xy"
    ]
    (tmp_path / "annotations.json").write_text(
        json.dumps([{**row, "annotator": "a", "preference": 1.5} for row in rows])
    )
    (tmp_path / "verdicts.csv").write_text("item,judge,subject,opponent,preference\n0,j,s,base,0.5\n1,j,s,base,0.25\n")
    mirror = tmp_path / "mirror/tatsu-lab/alpaca_eval"
    mirror.mkdir(parents=True)
    baseline = [{"instruction": q, "output": "b", "generator": "base", "dataset": "d"} for q in ("q", "qx", "qy")]
    (mirror / "alpaca_eval_gpt4_baseline.json").write_text(json.dumps(baseline))
    gamed = ["model,index,preference,std_delta_len,instruction_difficulty,not_gamed_baseline"]
    gamed += [f"concise,{place},0.1,1.5,0.0,False" for place in range(3)]
    (mirror / "df_gamed.csv").write_text("\n".join(gamed) + "\n")
    arena = tmp_path / "mirror/lmarena-ai/arena-hard-auto/data/arena-hard-v0.1"
    answer = {"question_id": "u", "model_id": "m", "choices": [{"turns": [{"content": "text", "token_len": 1}]}]}
    for place in (arena / "model_answer", tmp_path / "model_answer"):
        place.mkdir(parents=True)
        for model in ("gpt-4-0314", "m"):
            (place / f"{model}.jsonl").write_text(json.dumps({**answer, "model_id": model}))
    (arena / "question.jsonl").write_text(json.dumps({"uid": "u", "category": "c", "prompt": "q"}))
    games = [{"score": "A>B", "judgment": "[[A>B]]"}, {"score": "B>>A", "judgment": "[[B>>A]]"}]
    judged = {"question_id": "u", "model": "m", "judge": "j", "games": games}
    (tmp_path / "model_judgment.jsonl").write_text(json.dumps(judged))
    official_files.write(tmp_path)
    for name, kind in (
        ("ckpts/step-10", "CausalLM"),
        ("ckpts/step-20", "CausalLM"),
        ("reward", "SequenceClassification"),
    ):
        write_checkpoint(tmp_path / name, f"LlamaFor{kind}")
    (tmp_path / "rules.jsonl").write_text(json.dumps({"reply": "[[A]]"}))
    return tmp_path


def write_checkpoint(folder, architecture):
    """What is looked at before a model is loaded: settings, weights without a tensor, a tokenizer."""
    folder.mkdir(parents=True)
    labels = {"id2label": {"0": "reward"}} if "Classification" in architecture else {}
    (folder / "config.json").write_text(json.dumps({"architectures": [architecture], "model_type": "llama", **labels}))
    (folder / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "tokenizer_config.json").write_text("{}")


def run(line, folder, **more):
    env = {**os.environ, "OPENAI_API_KEY": "not-a-key", "JUDGEBENCH_CACHE": str(folder / "cache"), **more}
    arguments = [sys.executable, "-m", "judgebench.cli.main", *shlex.split(line, comments=True)[1:]]
    done = subprocess.run(arguments, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("judgebench run")])
def test_every_run_command_plans(line, folder):
    line = line.replace(" --watch ckpts", "")  # which carries out, and is run by tests/cli/test_watch.py
    assert "calls" in run(line if "--dry-run" in line else f"{line} --dry-run", folder)


@pytest.mark.parametrize("line", [*(line for line in commands() if " audit " in line), *commands(JUDGES)])
def test_every_audit_and_every_command_about_judges_plans(line, folder):
    assert "calls" in run(f"{line} --dry-run", folder)


def test_the_judges_of_a_run_file_plan(folder):
    (text,) = blocks("yaml", JUDGES)
    head = "benchmark: starter\nmodels: {strong: 'openai:gpt-4.1'}\n"
    more = "  lp: {judge: logprob, model: strong}\n  v: {judge: verdict, model: strong}\n"
    (folder / "run.yaml").write_text(head + text + more)
    shown = run("judgebench run run.yaml --limit 2 --dry-run", folder)
    assert all(name in shown for name in ("five", "three"))


def test_the_page_about_judges_names_all_that_ship(folder):
    shown = run("judgebench list judges", folder)
    shipped = {found[1] for found in re.finditer(r"^  (\S+) .*\[judgebench \d", shown, flags=re.MULTILINE)}
    assert len(shipped) > 15
    assert not [name for name in shipped if f"`{name}`" not in JUDGES]


def test_the_run_file_plans(folder):
    (text,) = blocks("yaml")
    (folder / "run.yaml").write_text(text)
    shown = run("judgebench run run.yaml --dry-run", folder)
    assert all(name in shown for name in ("iter1", "iter2", "lp"))


def test_the_commands_about_runs_work(folder):
    for name in ("iter1", "iter2"):
        who = f"--policy {name}=scripted:rules.jsonl --judge verdict@scripted:rules.jsonl"
        run(f"judgebench run starter --limit 3 {who} --out runs/{name}", folder)
    for step in (10, 20):
        who = f"--policy step-{step}=scripted:rules.jsonl --judge verdict@scripted:rules.jsonl"
        run(f"judgebench run starter --limit 3 {who} --out runs/training", folder)
    for line in commands():
        if line.startswith("judgebench import arena-hard"):
            run(line, folder)
    rows = [{"prompt": f"q{k}", "responses": ["x", "y", "z"], "ranks": [1, 2, 3]} for k in range(4)]
    (folder / "ranked.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    scorers = [
        f"""--judge 'step-{step}=additive@scripted,replies=["Score: {low}", "Score: 5", "Score: 3"]'"""
        for step, low in ((10, 1), (20, 2))
    ]
    run(f"judgebench run ranked:ranked.jsonl {' '.join(scorers)} --out runs/judges", folder)
    words = ("leaderboard", "compare", "plan")
    shown = dict.fromkeys(words, "")
    for line in commands():
        if (word := line.split()[1]) in words and line.startswith("judgebench "):
            shown[word] += run(line, folder)
    assert "## arena-score,ties=drop, judged by j" in shown["leaderboard"]
    assert (folder / "leaderboards/mine/README.md").read_text().startswith("# starter")
    assert "| M1 = step-10 |" in shown["leaderboard"]
    assert "undecided between iter2 and iter1" in shown["compare"]
    assert "undecided between step-20 and step-10" in shown["compare"]
    assert "win-rate" in shown["plan"]


def test_the_import_commands_make_runs(folder):
    lines = [line for line in commands() if line.startswith("judgebench import ")]
    assert len(lines) == 6
    for line in lines:
        assert "| subject" in run(line, folder)


def test_the_data_commands_make_a_mirror(folder):
    """What is in the fixture's mirror is served by a hub on loopback, and fetched into another mirror."""
    lines = [line.replace("--data-dir mirror", "--data-dir made") for line in commands() if " data " in line]
    assert [line.split()[2] for line in lines] == ["list", "fetch", "verify"]
    listed, fetched, verified = lines
    assert "allenai/reward-bench/data" in run(listed, folder)
    with serve_hub() as hub:
        for path in (folder / "mirror").rglob("*"):
            if path.is_file():
                hub.files[NEW, str(path.relative_to(folder / "mirror"))] = path.read_bytes()
        environment = {"HF_ENDPOINT": hub.url, "HF_HOME": str(folder / "hf"), "HF_HUB_DISABLE_XET": "1"}
        assert "fetched" in run(fetched, folder, **environment)
    assert run(verified, folder).strip() == "as fetched: 3 files"


def test_the_loop_commands_work(folder):
    """Up to the training, which needs PyTorch."""
    replies = ["One. Score: 4", "Two. Score: 2", "Three. Score: 5"]
    config = {
        "model": "none",
        "ask": {"backend": "scripted", "replies": replies},
        "prompts": {"path": "prompts.jsonl"},
        "iterations": 1,
        "judge": {"judge": "additive", "model": "current", "parser": "nemo"},
    }
    (folder / "prompts.jsonl").write_text("".join(json.dumps({"prompt": f"q{k}"}) + "\n" for k in range(6)))
    (folder / "loop.yaml").write_text(json.dumps(config))
    lines = [line for line in commands() if line.startswith("judgebench loop")]
    assert len(lines) == 3
    for line in lines:
        if "--dry-run" in line:
            assert "training steps" in run(line, folder)
        else:
            shown = run(line if "--stage" in line else f"{line} --stage iteration-1/pairs", folder)
            assert re.search(r"^iteration-1/pairs: [1-6] pairs", shown, flags=re.MULTILINE)


@pytest.mark.parametrize("path", sorted((ROOT / "examples/loops").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_examples_of_loops_are_whole(path, monkeypatch):
    from judgebench_loops.config import read
    from judgebench_loops.loop import workshop
    from judgebench_loops.systems import stages

    monkeypatch.chdir(ROOT)
    names = [stage.name for stage in stages(workshop(read(path.stem, path)))]
    assert "iteration-2/evaluation" in names


def test_every_command_is_run_by_a_test():
    words = ("run", "audit", "leaderboard", "compare", "plan", "import", "data", "loop")
    known = ("make", "pip install judgebench-hf", *(f"judgebench {word}" for word in words))
    assert not [line for line in commands() if not line.startswith(known)]


def test_the_make_targets_exist():
    targets = {line.split()[1] for line in commands() if line.startswith("make ")}
    assert targets == {"run", "test"}
    makefile = (ROOT / "Makefile").read_text()
    assert all(re.search(rf"^{target}:", makefile, flags=re.MULTILINE) for target in targets)


def test_the_plugin_is_a_plugin():
    from judgebench.app import registry
    from judgebench.plugin.registry import Origin

    (text,) = blocks("python")
    names = {}
    exec(compile(text, "README.md", "exec"), names)
    known = registry()
    known.add(
        type("Module", (), {"judgebench_components": staticmethod(names["judgebench_components"])}),
        Origin("a", "a", "1"),
    )
    assert ("judge", "shorter") in known.classes
    assert not known.broken


def test_no_part_is_left_empty():
    parts = re.findall(r"<!-- (.+?) -->\n(.*?)<!-- /\1 -->", README, flags=re.DOTALL)
    assert {name for name, _ in parts} == set(re.findall(r"<!-- ([^/].*?) -->", README)) == {"make run", "make bench"}
    assert all("|" in text for _, text in parts)
