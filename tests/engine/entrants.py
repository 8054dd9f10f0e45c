"""Components to resolve, and short ways from flags or mappings to what they resolve to."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from judgebench import Backend, Benchmark, Chat, ConfigError, Judge, ModelName, Preference, Text, app, hookimpl, option
from judgebench.discovery.registry import Origin
from judgebench.engine.resolve import resolve
from judgebench.engine.spec import from_mapping, named, split


@dataclass(frozen=True)
class HF(Backend):
    name = "loc"
    can = frozenset({Chat, Text})
    model: str = option(help="a checkpoint")
    temperature: float = option(1.0, help="an option that policies have too")
    dtype: str = option("bf16", help="an option of its own")
    threads: int = option(1, help="changes nothing", identity=False)


@dataclass(frozen=True)
class Locked(Backend):
    name = "locked"
    model: str = option(help="a model")

    @property
    def secrets(self):
        return ("JUDGEBENCH_TEST_SECRET",)


@dataclass(frozen=True)
class Alpaca(Benchmark):
    name = "llama-eval-2"
    measures = ("win-rate", "miss-rate")
    size: int = option(805, help="items")
    parts: tuple[str, ...] = option((), help="parts")

    def items(self):
        return []


class Rule(Judge):
    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        return Preference((0.5, 0.5))


@dataclass(frozen=True)
class Jury(Rule):
    name = "panel"
    models: tuple[ModelName, ...] = option(help="models")
    chair: ModelName | None = option(None, help="a model")


@dataclass(frozen=True)
class Rubric(Rule):
    name = "rubric"
    path: str = option(help="a file")
    weights: tuple[float, ...] = option((), help="numbers")


@dataclass(frozen=True)
class Coin(Rule):
    name = "coin"


class Plugin:
    @hookimpl
    def judgebench_components(self):
        return [HF, Locked, Alpaca, Jury, Rubric, Coin]


@pytest.fixture
def environment(monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.delenv("JUDGEBENCH_TEST_SECRET", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("outputs").mkdir()
    Path("outputs/iter1.json").write_text('[{"instruction": "q", "output": "a"}]')


def known():
    found = app.registry()
    found.add(Plugin(), Origin("toys", "toys", "1"))
    assert not [broken for broken in found.broken if broken.origin.plugin == "toys"]
    return found


def setup(policies=(), judges=("coin",), models=(), benchmark="llama-eval-2", **more):
    """What flags, or mappings in their place, resolve to."""
    texts = {"policies": policies, "judges": judges}
    values = {key: given if isinstance(given, dict) else named(given, key) for key, given in texts.items()}
    if not isinstance(models, dict):
        models = {split(text).name: text.partition("=")[2] for text in models}
    return resolve(from_mapping({"benchmark": benchmark, "models": models, **values, **more}, "t"), known())


def judge(entry, models=()):
    return setup(judges={"j": entry}, models=models).judges[0]


def policy(entry, models=()):
    return setup(policies={"p": entry}, models=models).policies[0]


def refused(**more):
    with pytest.raises(ConfigError) as caught:
        setup(**more)
    return caught.value.message, caught.value.hint
