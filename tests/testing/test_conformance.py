"""Every check of the conformance kit fails on a class that breaks its rule, and on no other."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from breaking import backends, benchmarks, declared, judges, measures, policies, readers, reports

from judgebench import Benchmark, Chat, ConfigError, DataError, Judge, Message, PluginError, Preference, option
from judgebench.testing import Check, NotChecked, NotConforming, conformance
from judgebench.testing.elsewhere import fresh

ROOMS = (declared, judges, policies, backends, benchmarks, measures, readers, reports)
QUIET = "is imported quietly, without heavy libraries"


def given_by(room):
    """What the checks of a room's classes need."""
    return getattr(room, "GIVEN", {})


def found(cls, **options):
    """(sentence parts of the checks that fail, those that cannot be made), of all but the import."""
    failed, not_made, told = [], [], []
    for check in conformance(cls, examples=12, **options):
        if check.about == QUIET:
            continue
        try:
            check()
        except NotConforming as error:
            failed.append(check.about)
            told.append(str(error))
        except NotChecked:
            not_made.append(check.about)
    assert all(1 <= len(text.splitlines()) <= 2 for text in told)
    return failed, not_made


@pytest.mark.parametrize(
    ("cls", "given"),
    [pytest.param(cls, given_by(room), id=cls.__module__) for room in ROOMS for cls in room.GOOD],
)
def test_a_good_component_conforms(cls, given):
    failed, not_made = found(cls, **given)
    assert failed == []
    expected = ["lets the error of a call through", "lets a cancellation through"] if cls is declared.First else []
    assert not_made == expected


@pytest.mark.parametrize(
    ("about", "cls", "others", "given"),
    [
        pytest.param(*case, given_by(room), id=f"{room.__name__}-{case[1].__name__}")
        for room in ROOMS
        for case in room.BROKEN
    ],
)
def test_a_check_finds_the_class_that_breaks_its_rule(about, cls, others, given):
    failed, _ = found(cls, **given)
    assert set(failed) == {about, *others}


def test_every_check_has_a_class_that_breaks_it():
    broken = {about for room in ROOMS for about, _, _ in room.BROKEN}
    checks = {check.about for room in ROOMS for check in conformance(room.GOOD[0])}
    assert checks - broken == {QUIET}


MODULES = {
    "good": "import json\n",
    "loads": "import json\nimport numpy\n",
    "connects": "import socket\nsocket.socket().close()\n",
    "prints": "print('hello')\n",
    "warns": "import sys\nprint('hello', file=sys.stderr)\n",
    "fails": "raise SystemExit('no')\n",
}


def test_what_an_import_does_is_seen(tmp_path):
    for name, source in MODULES.items():
        (tmp_path / f"{name}.py").write_text(source)
    places = [[(name, str(tmp_path / f"{name}.py"))] for name in MODULES]
    seen = fresh("imports", {"modules": {"": places}})
    assert seen["good"] == {"heavy": [], "sockets": False, "error": None, "printed": ""}
    assert seen["loads"]["heavy"] == ["numpy"]
    assert seen["connects"]["sockets"]
    assert seen["prints"]["printed"] == seen["warns"]["printed"] == "hello\n"
    assert seen["fails"]["error"] == "SystemExit: no"
    assert fresh("imports", {"modules": {"numpy": places[1:2]}})["loads"]["heavy"] == []


LOUD = """
from dataclasses import dataclass
from judgebench.components.judges.baselines import First
{line}

@dataclass(frozen=True)
class Loud(First):
    name = "loud"
"""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", None),
        ("import numpy", "loads numpy"),
        ("print('hello')", "prints: hello"),
        ("import socket; socket.socket().close()", "opens a socket"),
    ],
)
def test_a_loud_import_is_found(line, message, tmp_path, monkeypatch):
    name = f"loud_{len(line)}"
    (tmp_path / f"{name}.py").write_text(LOUD.format(line=line))
    monkeypatch.syspath_prepend(tmp_path)
    module = __import__(name)
    (check,) = [check for check in conformance(module.Loud) if check.about == QUIET]
    if message is None:
        check()
    else:
        with pytest.raises(NotConforming, match=message):
            check()
    del sys.modules[name]


@dataclass(frozen=True, slots=True)
class Slotted(judges.Good):
    """Right, and with slots."""

    name = "slotted"


@dataclass(frozen=True)
class Several(benchmarks.Good):
    """Right, and of several files."""

    name = "several"

    paths: tuple[str, ...] = option((), help="files of further questions")

    def items(self):
        for path in self.paths:
            if not Path(path).is_file():
                raise DataError(f"{path} is not there", "name a file")
        return super().items()


@pytest.mark.parametrize("cls", [Slotted, Several])
def test_right_ones_of_another_form_conform(cls):
    assert found(cls)[0] == []


@dataclass(frozen=True)
class Marked(judges.Good):
    """Prefers what is known to be right."""

    name = "marked"

    def read(self, trial, samples):
        return trial.item.gold or super().read(trial, samples)


@dataclass(frozen=True)
class Telling(judges.Good):
    """Shows its model a key."""

    name = "telling"

    async def sample(self, trial, ask):
        said = Message("user", os.environ.get("OPENAI_API_KEY", "nothing"))
        return (await ask(self.model, Chat((said,))), *await super().sample(trial, ask))


@pytest.mark.parametrize(
    ("cls", "about"),
    [
        (Marked, "looks at neither a trial's order, nor authors' names, nor what is right"),
        (Telling, "tells no secret"),
    ],
)
def test_judges_that_know_or_tell_too_much_are_found(cls, about):
    assert about in found(cls)[0]


def test_replies_reach_the_models_behind_a_policy():
    said = []

    @dataclass(frozen=True)
    class Listening(policies.Good):
        name = "listening"

        async def continued(self, messages, ask):
            sample = await super().continued(messages, ask)
            said.append(sample.text)
            return sample

    (first, *_) = [one for one in conformance(Listening, replies=["MINE"]) if one.about == policies.TURNS]
    first()
    assert set(said) == {"MINE"}


def test_a_class_without_what_it_needs_is_not_checked():
    from judgebench.components.benchmarks.pairs import Pairs

    failed, not_made = found(Pairs)
    assert failed == []
    assert len(not_made) == 11
    with pytest.raises(NotChecked, match="option 'path' is missing: give options"):
        next(check for check in conformance(Pairs) if check.about == not_made[0])()
    assert issubclass(NotChecked, pytest.skip.Exception | __import__("unittest").SkipTest)


class NoDataclass(Judge):
    name = "no-dataclass"
    summary = "is no dataclass"

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        return Preference((1.0, 0.0))


@dataclass(frozen=True)
class Abstract(Benchmark):
    name = "abstract"
    summary = "lacks its items"


@pytest.mark.parametrize(
    ("cls", "message"),
    [(NoDataclass, "NoDataclass is no frozen dataclass"), (Abstract, "Abstract does not implement items")],
)
def test_what_cannot_be_registered_is_told_by_one_check(cls, message):
    failed, not_made = found(cls)
    assert failed[0] == "is declared as the registry asks, with a summary"
    assert set(failed[1:]) <= {"explains every option"}
    assert len(not_made) > 5
    with pytest.raises(NotConforming, match=message):
        conformance(cls)[0]()


def test_options_that_are_wrong_are_an_error_at_once():
    with pytest.raises(ConfigError, match="unknown option 'shaer'"):
        conformance(declared.First, shaer=1.0)
    with pytest.raises(ConfigError, match="beside a component"):
        conformance(declared.First(), share=1.0)
    with pytest.raises(PluginError, match="of no kind"):
        conformance(int)


def test_without_hypothesis_there_is_a_hint():
    code = """
import sys
import judgebench.testing
assert not {"numpy", "hypothesis", "pytest"} & set(sys.modules)
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name == "hypothesis":
            raise ModuleNotFoundError(name)
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "hypothesis" else real(name, *rest)
from judgebench.components.judges.baselines import First
try:
    judgebench.testing.conformance(First)
except judgebench.PluginError as error:
    print(error.hint)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "pip install 'judgebench[testing]'\n", done.stderr


def test_a_check_reads_as_a_sentence():
    check = conformance(judges.Good)[-1]
    assert isinstance(check, Check)
    assert str(check) == "judge good: gives parts of one number a response"
    assert (check.kind, check.name, check.about) == ("judge", "good", "gives parts of one number a response")


def test_whatever_a_component_raises_is_not_conforming():
    def rule():
        raise ZeroDivisionError("by\nzero " * 100)

    with pytest.raises(NotConforming) as raised:
        Check("judge", "odd", "works", rule)()
    first, second = str(raised.value).splitlines()
    assert first.startswith("it raised ZeroDivisionError: by zero by zero")
    assert len(first) < 320
    assert second == "expected: odd works"


def test_checks_can_be_made_where_a_loop_is_running():
    import asyncio

    async def inside():
        for check in conformance(judges.Good, examples=2):
            if check.about != QUIET:
                check()

    asyncio.run(inside())


def test_the_names_that_are_public():
    import judgebench.testing as kit

    stub = (__import__("pathlib").Path(kit.__file__).with_suffix(".pyi")).read_text()
    for name in kit.__all__:
        assert getattr(kit, name) is not None
        assert f" as {name}\n" in stub
    assert json.dumps(sorted(kit.__all__)) == json.dumps(sorted(set(kit.__all__)))
