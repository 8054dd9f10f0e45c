"""The public door: what plugins import, and what type checkers see of it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import judgebench

STUB = Path(judgebench.__file__).with_suffix(".pyi")
PLUGIN = """
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from judgebench import Ask, Chat, Judge, ModelName, Preference, Sample, Trial, VerdictError, fields, hookimpl, option


@dataclass(frozen=True)
class Mine(Judge):
    name = "mine"
    model: ModelName = option(help="the model that judges")

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        reveal_type(fields(trial))
        return (await ask(self.model, Chat(trial.item.conversation())),)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        if not (text := samples[0].text):
            raise VerdictError("empty")
        reveal_type(text)
        return Preference((1.0, 0.0), label=len(text))


@hookimpl
def judgebench_components() -> Iterable[type]:
    return [Mine]
"""


def stub_names():
    tree = ast.parse(STUB.read_text())
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            for name in node.names:
                assert name.name == name.asname, f"{name.name} is not re-exported"
                yield name.name, node.module
        else:
            assert isinstance(node, ast.AnnAssign)
            yield node.target.id, None


def test_the_stub_names_what_the_module_names_from_the_same_places():
    stub = dict(stub_names())
    assert sorted(stub) == sorted(judgebench.__all__)
    assert len(judgebench.__all__) == len(set(judgebench.__all__))
    for name, module in stub.items():
        assert module in (None, f"judgebench.{judgebench._HOME.get(name)}")


def test_every_name_can_be_imported_alone_and_by_a_star():
    everything = {}
    exec("from judgebench import *", everything)
    for name in judgebench.__all__:
        alone = {}
        exec(f"from judgebench import {name}", alone)
        assert alone[name] is everything[name] is getattr(judgebench, name)


def test_an_unknown_name_is_an_import_error():
    with pytest.raises(ImportError, match="NoSuchThing"):
        exec("from judgebench import NoSuchThing")
    assert not hasattr(judgebench, "Registry")


def test_a_type_checker_sees_the_real_types(tmp_path):
    plugin = tmp_path / "mine.py"
    plugin.write_text(PLUGIN)
    command = [
        "--strict",
        "--no-error-summary",
        "--hide-error-context",
        "--config-file",
        "",
        "--cache-dir",
        tmp_path / "cache",
        plugin,
    ]
    done = subprocess.run([sys.executable, "-m", "mypy", *command], capture_output=True, text=True, cwd=STUB.parents[1])
    lines = [line.removeprefix(f"{plugin}:").split(": ", 1) for line in done.stdout.splitlines()]
    assert [(int(line), text) for line, text in lines] == [
        (14, 'note: Revealed type is "dict[str, Any]"'),
        (20, 'note: Revealed type is "str"'),
        (21, 'error: Argument "label" to "Preference" has incompatible type "int"; expected "str | None"  [arg-type]'),
    ], done.stdout + done.stderr
