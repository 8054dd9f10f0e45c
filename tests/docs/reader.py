"""A reader who does what a page says, from top to bottom, in one folder."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from command_line import run
from pages import ROOT

OTHERS = ("docker run", "llama-server", "ollama create", "printf", "python -m sglang", "sbatch", "vllm serve")
"""Programs that are not ours, and are not here: what a page says of them is not run."""
ELSEWHERE = ("python -m build", "pip install dist/")
"""What a test of its own runs, with a package that is built."""
PLANNED = re.compile(r"^(\d+) calls", flags=re.MULTILINE)
DISTRIBUTION = re.compile(r"judgebench[\w-]*")


class Reader:
    def __init__(self, folder):
        self.folder, self.names, self.said = folder, {}, {}

    def read(self, page):
        for number, block in enumerate(page.blocks, start=1):
            does = getattr(self, block.language, None)
            assert does or block.language in ("text", "json", "toml", "jinja", "csv"), f"{page}: {block.language}?"
            try:
                if block.file:
                    self.write(block)
                if does:
                    does(block)
            except Exception as error:
                error.add_note(f"{page}, block {number}:\n{block.text}")
                raise
        return self.said

    def write(self, block):
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)

    def sh(self, block):
        for line in block.commands:
            self.said[line] = self.command(line)

    def bash(self, block):
        """A script: it is run by bash, and what it asks of judgebench is planned."""
        shim = self.folder / "shim/judgebench"
        shim.parent.mkdir(exist_ok=True)
        shim.write_text('#!/bin/sh\nprintf "judgebench" >> asked\nprintf " \'%s\'" "$@" >> asked\necho >> asked\n')
        shim.chmod(0o755)
        environment = {"PATH": f"{shim.parent}:{os.environ['PATH']}", "SLURM_ARRAY_TASK_ID": "1", "TMPDIR": "/tmp"}
        done = subprocess.run(
            ["bash", "-eu", "-c", block.text], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        lines = (self.folder / "asked").read_text().splitlines()
        assert lines
        for line in lines:
            self.said[line] = self.command(line)

    def yaml(self, block):
        values = yaml.safe_load(block.text)
        if "jobs" in values:  # of a hosted CI: its steps are commands
            for step in (step for job in values["jobs"].values() for step in job["steps"] if "run" in step):
                for line in step["run"].replace("\\\n", " ").splitlines():
                    self.said[line] = self.command(line.strip())
            return
        values.setdefault("benchmark", "starter")
        values.setdefault("models", {}).setdefault("strong", "openai:gpt-4.1")
        judges = values.setdefault("judges", {f"of {name}": f"logprob@{name}" for name in values["models"]})
        for name, judge in (("lp", "logprob"), ("v", "verdict")):
            judges.setdefault(name, f"{judge}@openai:gpt-4.1")
        (self.folder / "whole.yaml").write_text(yaml.safe_dump(values))
        shown = run("judgebench run whole.yaml --limit 2 --dry-run", self.folder)
        assert all(f"| {name} " in shown for name in (*judges, *values.get("policies", {}))), shown

    def python(self, block):
        from command_line import standing

        if block.file and block.file.startswith("test_"):
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", block.file]
            done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout
            return
        with standing(self.folder, {"JUDGEBENCH_CACHE": str(self.folder / "cache")}):
            exec(compile(block.text, block.file or "page", "exec"), self.names)

    def command(self, line):
        match shlex.split(line, comments=True):
            case ["judgebench", "run" | "audit", *_]:
                return self.planned(line)
            case ["judgebench", "loop", *_]:
                stage = "" if "--stage" in line or "--dry-run" in line else " --stage iteration-1/pairs"
                return run(f"{line}{stage}", self.folder)
            case ["judgebench", "data", "fetch" | "verify", *_]:
                return ""  # all of them together, with a hub on loopback
            case ["judgebench", "leaderboard" | "compare" | "plan" | "import" | "list" | "data" | "plugin", *_]:
                return run(line, self.folder)
            case ["make", target]:
                assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
            case ["pip", "install", *names] if not names[0].startswith("dist/"):
                self.installed(names)
            case ["python", "-m", module, *_] if module.startswith("judgebench_"):
                package, _, name = module.partition(".")
                folder = ROOT / "plugins" / package.replace("_", "-") / "src" / package
                assert (folder / f"{name}.py").exists()
            case ["cp", source, target]:
                shutil.copy(self.folder / source, self.folder / target)
            case ["pytest", *_]:
                pass  # the file's own block runs it
            case _:
                assert line.startswith((*OTHERS, *ELSEWHERE)), f"nobody runs this: {line}"
        return ""

    def planned(self, line):
        """What it would ask. Where it would ask nothing it is carried out."""
        line = line.replace(" --watch ckpts", "")  # which carries out, and is run by tests/cli/test_watch.py
        shown = run(line if "--dry-run" in line else f"{line} --dry-run", self.folder)
        calls = PLANNED.findall(shown)
        assert calls, shown
        if "--dry-run" in line or any(map(int, calls)):
            return shown
        return run(line, self.folder)

    def installed(self, names):
        """Our own packages are of this repository, with these extras."""
        import tomllib

        for name in names:
            if name == "." or name.startswith("./"):
                assert (ROOT / name / "pyproject.toml").exists()
            if not DISTRIBUTION.match(name):
                continue
            project, _, extra = name.rstrip("]").partition("[")
            path = ROOT if project == "judgebench" else ROOT / "plugins" / project
            found = tomllib.loads(Path(path / "pyproject.toml").read_text())["project"]
            assert found["name"] == project
            assert not extra or extra in found["optional-dependencies"], name
