"""From both forms of a specification to components, and what is refused before anything is spent."""

import re
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from test_spec import SECTION_4

from judgebench import (
    Backend,
    Benchmark,
    Chat,
    ConfigError,
    Judge,
    ModelName,
    PluginError,
    Preference,
    Text,
    app,
    hookimpl,
    option,
)
from judgebench.engine.resolve import Planning, resolve
from judgebench.engine.spec import from_mapping, named, read_run_file, split
from judgebench.plugin.registry import PLANNING, Origin


@dataclass(frozen=True)
class HF(Backend):
    name = "hf"
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
    name = "alpaca-eval-2"
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
    name = "jury"
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


@pytest.fixture(autouse=True)
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


def setup(policies=(), judges=("coin",), models=(), benchmark="alpaca-eval-2", **more):
    """What flags, or mappings in their place, resolve to."""
    texts = {"policies": policies, "judges": judges}
    values = {key: given if isinstance(given, dict) else named(given, key) for key, given in texts.items()}
    if not isinstance(models, dict):
        models = {split(text).name: text.partition("=")[2] for text in models}
    return resolve(from_mapping({"benchmark": benchmark, "models": models, **values, **more}, "t"), known(), Path("c"))


def judge(entry, models=()):
    return setup(judges={"j": entry}, models=models).judges[0]


def policy(entry, models=()):
    return setup(policies={"p": entry}, models=models).policies[0]


def refused(**more):
    with pytest.raises(ConfigError) as caught:
        setup(**more)
    return caught.value.message, caught.value.hint


def test_the_run_file_and_the_flags_of_the_design_are_the_same_subjects(tmp_path):
    (tmp_path / "run.yaml").write_text(SECTION_4)
    spec = read_run_file(tmp_path / "run.yaml")
    file = resolve(spec, known(), Path("c"))
    flags = setup(
        policies=["recorded:outputs/iter1.json", "hf:ckpts/iter2,temperature=0.7,max_tokens=2048"],
        judges=["lp=logprob@openai:gpt-4.1,order=both"],
        limit=100,
        out="runs/weekly",
        seed=7,
    )
    assert [entrant.subject.key for entrant in file.entrants] == [entrant.subject.key for entrant in flags.entrants]
    assert [entrant.subject.name for entrant in file.entrants] == ["iter1", "iter2", "lp"]
    assert file.judges[0][1] == flags.judges[0][1] == Planning("both", 1, None)
    assert (file.benchmark, file.measures) == (flags.benchmark, ("win-rate", "miss-rate"))
    for key in ("limit", "out", "seed"):
        assert getattr(flags.spec, key) == getattr(spec, key)


def test_the_flags_of_the_design_as_they_stand():
    found = setup(
        policies=["recorded:outputs/iter1.json", "hf:ckpts/iter2"],
        judges=["logprob@openai:gpt-4.1"],
        limit=100,
        out="runs/weekly",
    )
    assert [entrant.subject.name for entrant in found.entrants] == ["iter1", "iter2", "logprob@gpt-4.1"]
    assert [[model.backend.name for model in entrant.models] for entrant in found.entrants] == [[], ["hf"], ["openai"]]


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("jury@hf:a", {"judge": "jury", "models": ["hf:a"]}),
        ('jury,models=["hf:a","hf:b"]', {"judge": "jury", "models": ["hf:a", "hf:b"]}),
        ("rubric:a/b,c.txt,weights=[1,2]", {"judge": "rubric", "path": "a/b,c.txt", "weights": [1, 2]}),
        ("rubric,path=a=b", {"judge": "rubric", "path": "a=b"}),
        ("verdict@hf:a,strip_reasoning=", {"judge": "verdict", "model": "hf:a", "strip_reasoning": []}),
        ("verdict@hf:a,max_tokens=9,dtype=f32", {"judge": "verdict", "model": "hf:a,dtype=f32", "max_tokens": 9}),
        (
            "logprob@openai:m,base_url=http://127.0.0.1:8000/v1,top_logprobs=5",
            {"judge": "logprob", "model": "openai:m,base_url=http://127.0.0.1:8000/v1,top_logprobs=5"},
        ),
    ],
)
def test_both_forms_of_a_judge_have_one_key(text, mapping):
    assert judge(text)[0].subject == judge(mapping)[0].subject


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("hf:a,temperature=0.5", {"policy": "chat", "model": "hf:a", "temperature": 0.5}),
        ("chat@hf:a,stop=x", {"policy": "chat", "model": "hf:a", "stop": ["x"]}),
        ("chat:hf:a", {"policy": "chat", "model": "hf:a"}),
        ("scripted,default=x", {"policy": "chat", "model": "scripted,default=x"}),
    ],
)
def test_both_forms_of_a_policy_have_one_key(text, mapping):
    assert policy(text).subject == policy(mapping).subject


def test_the_naming_of_a_model_is_no_part_of_the_identity():
    inline = judge("verdict@hf:a,dtype=f32")[0]
    models = {
        "text": "hf:a,dtype=f32",
        "mapping": {"backend": "hf", "model": "a", "dtype": "f32", "threads": 8},
        "default": {"backend": "hf", "model": "a", "dtype": "f32", "temperature": 1.0},
    }
    for name in models:
        assert judge(f"verdict@{name}", models)[0].subject == inline.subject
        assert judge({"judge": "verdict", "model": name}, models)[0].subject == inline.subject
    assert judge("verdict@hf:a")[0].subject.key != inline.subject.key
    assert judge("verdict@hf:b,dtype=f32")[0].subject.key != inline.subject.key
    assert "text" not in str(judge("verdict@text", models)[0].subject.identity)


def test_a_policy_and_a_judge_ask_a_model_by_the_name_that_they_were_given():
    found = judge("verdict@strong", ["strong=hf:a"])[0]
    assert [(model.name, model.backend) for model in found.models] == [("strong", HF("a"))]
    assert found.component.model == "strong"
    members = judge({"judge": "jury", "models": ["strong", "hf:b"], "chair": "strong"}, ["strong=hf:a"])[0]
    assert [model.name for model in members.models] == ["strong", "hf:b"]
    assert judge({"judge": "jury", "models": []})[0].models == ()


def test_an_option_that_both_have_is_the_components_and_the_models_stands_with_the_model():
    found = policy("hf:a,temperature=0.5,dtype=f32")
    assert (found.component.temperature, found.models[0].backend) == (0.5, HF("a", 1.0, "f32"))
    found = policy("chat@warm,temperature=0.5", ["warm=hf:a,temperature=0.9"])
    assert (found.component.temperature, found.models[0].backend) == (0.5, HF("a", 0.9))


@pytest.mark.parametrize(
    ("text", "options", "planning"),
    [
        ("coin", {}, Planning()),
        ("coin,order=seeded,repeats=3,limit=10", {"order": "seeded", "repeats": 3, "limit": 10}, None),
        ("coin,limit=5,order=both", {"order": "both", "limit": 5}, None),
        ("coin, order=seeded", {"order": "seeded"}, None),
    ],
)
def test_planning_is_parsed_from_both_forms(text, options, planning):
    expected = planning or Planning(**options)
    plain = judge("coin")[0].subject
    assert judge(text)[1] == judge({"judge": "coin", **options})[1] == expected
    assert judge(text)[0].subject == judge({"judge": "coin", **options})[0].subject == plain


def test_planning_does_not_touch_options_that_look_alike():
    found, planning = judge("rubric:a,limit,order=seeded,weights=[1]")
    assert (found.component, planning) == (Rubric("a,limit", (1.0,)), Planning("seeded"))
    found, planning = judge("verdict@hf:a,limit=5,max_tokens=50")
    assert (found.component.max_tokens, found.component.model, planning) == (50, "hf:a", Planning(limit=5))


def test_the_reserved_words_of_judges_are_those_of_planning():
    assert {field.name for field in msgspec.structs.fields(Planning)} == PLANNING


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"order": "alternating"}, "judge 'j': Invalid enum value 'alternating'"),
        ({"repeats": 0}, "judge 'j': repeats and limit begin at 1"),
        ({"limit": 0}, "judge 'j': repeats and limit begin at 1"),
        ({"repeats": -2}, "judge 'j': repeats and limit begin at 1"),
        ({"repeats": 1.5}, "judge 'j': Expected `int`"),
    ],
)
def test_planning_that_cannot_be_is_refused_in_both_forms(options, says):
    text = "coin" + "".join(f",{key}={value}" for key, value in options.items())
    for entry in (text, {"judge": "coin", **options}):
        assert refused(judges={"j": entry})[0].startswith(says)


NAMED = {"strong": "hf:a"}


@pytest.mark.parametrize(
    ("given", "says", "hint"),
    [
        ({"benchmark": "alpaca-eval"}, "there is no benchmark 'alpaca-eval'", "did you mean 'alpaca-eval-2'?"),
        ({"benchmark": "alpaca-eval-2,sise=3"}, "benchmark 'alpaca-eval-2': unknown option 'sise'", "'size'?"),
        ({"benchmark": "alpaca-eval-2:x"}, "benchmark 'alpaca-eval-2': Expected `int`", ""),
        ({"benchmark": "alpaca-eval-2:9,size=8"}, "benchmark 'alpaca-eval-2': 'size' is given twice", ""),
        (
            {"benchmark": "starter:x"},
            "benchmark 'starter': benchmark 'starter' takes no value",
            "write 'starter' alone",
        ),
        ({"benchmark": "alpaca-eval-2@hf:a"}, "'alpaca-eval-2@hf:a' cannot be read", ""),
        ({"benchmark": "b=alpaca-eval-2"}, "benchmark: 'b=alpaca-eval-2' sets another name, 'b'", ""),
        ({"benchmark": {"name": "x"}}, "benchmark: 'benchmark' is missing", ""),
        ({"judges": {}}, "no judge is named", "add `--judge"),
        ({"judges": {"j": "verdct@hf:a"}}, "there is no judge 'verdct'", "did you mean 'verdict'?"),
        ({"judges": {"j": "k=coin"}}, "judge 'j': 'k=coin' sets another name, 'k'", ""),
        ({"judges": {"j": "coin:x"}}, "judge 'j': judge 'coin' takes no value", ""),
        ({"judges": {"j": "coin@hf:a"}}, "judge 'j': judge 'coin' asks no model", "write 'coin' alone"),
        ({"judges": {"j": "verdict"}}, "judge 'j': option 'model' is missing", "the model that judges"),
        ({"judges": {"j": "verdict@hf:a,model=b"}}, "judge 'j': 'model' is given twice", ""),
        ({"judges": {"j": "verdict:hf:a,model=b"}}, "judge 'j': 'model' is given twice", ""),
        ({"judges": {"j": "verdict@hf:a,tempratur=1"}}, "judge 'j': unknown option 'tempratur'", "'temperature'?"),
        ({"judges": {"j": "verdict@hf:a,max-tokens=1"}}, "judge 'j': unknown option 'max-tokens'", "'max_tokens'?"),
        ({"judges": {"j": "verdict@hf:a,dtyp=1"}}, "judge 'j': unknown option 'dtyp'", "did you mean 'dtype'?"),
        ({"judges": {"j": "verdict@hff:a,dtype=1"}}, "there is no backend 'hff'", "did you mean 'hf'?"),
        ({"judges": {"j": "verdict@hf"}}, "model 'hf': option 'model' is missing", "a checkpoint"),
        ({"judges": {"j": "verdict@stong"}, "models": NAMED}, "there is no model 'stong'", "did you mean 'strong'?"),
        ({"judges": {"j": "verdict@stong"}}, "judge 'j': there is no model 'stong'", "write BACKEND:MODEL"),
        ({"judges": {"j": "verdict@strong,dtype=x"}, "models": NAMED}, "unknown option 'dtype'", "under `models:`"),
        ({"judges": {"j": {"judge": "coin", "side": 1}}}, "judge 'j': unknown option 'side'", "there are none"),
        ({"judges": {"j": {"judge": "verdict", "model": "hf:a", "top_p": "1"}}}, "judge 'j': Expected `float`", ""),
        ({"policies": {"j": "hf:a"}, "judges": {"j": "coin"}}, "a policy and a judge are both called 'j'", ""),
        ({"policies": {"p": "cat@hf:a"}}, "there is no policy 'cat'", "did you mean 'chat'?"),
        ({"policies": {"p": "hf@x"}}, "there is no policy 'hf'", ""),
        ({"policies": {"p": "recorded:no.json"}}, "no.json: No such file", ""),
        ({"policies": {"p": {"policy": "chat", "model": "hf:a", "backend": "hf"}}}, "unknown option 'backend'", ""),
        ({"models": {"unused": "hff:a"}}, "there is no backend 'hff'", "did you mean 'hf'?"),
        ({"models": {"unused": {"backend": "hf", "modle": "a"}}}, "model 'unused': unknown option 'modle'", "'model'?"),
        ({"models": {"unused": {"model": "a"}}}, "model 'unused': 'backend' is missing", ""),
        ({"measures": ["win-rat"]}, "there is no measure 'win-rat'", "did you mean 'win-rate'?"),
        ({"measures": ["win-rate", "win-rate"]}, "measure 'win-rate' is named twice", ""),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_spent(given, says, hint):
    from judgebench import JudgebenchError

    with pytest.raises(JudgebenchError) as caught:
        setup(**given)
    assert says in caught.value.message
    assert hint in caught.value.hint


def test_a_model_that_cannot_do_what_is_needed_is_named_with_those_that_can():
    message, hint = refused(judges={"lp": "logprob@hf:a"})
    assert message == "judge 'lp' needs NextToken, which backend 'hf' cannot do"
    assert re.match(r"these can: .*\bopenai, scripted\b", hint)
    assert "hf" not in hint
    Path("t.jinja").write_text("x")
    message, _ = refused(policies={"p": "chat@locked:a,chat_template=t.jinja"})
    assert message == "policy 'p' needs Text, which backend 'locked' cannot do"


def test_a_missing_secret_is_named_and_an_unused_model_needs_none(monkeypatch):
    message, hint = refused(judges={"v": "verdict@locked:a"})
    assert (message, hint) == (
        "model 'locked:a' needs the secret JUDGEBENCH_TEST_SECRET",
        "export JUDGEBENCH_TEST_SECRET=...",
    )
    assert setup(models={"unused": "locked:a"}).judges
    for value, works in (("", False), ("x", True)):
        monkeypatch.setenv("JUDGEBENCH_TEST_SECRET", value)
        if works:
            found = judge("verdict@locked:a")[0]
            assert "x" not in found.subject.identity["options"].values()
        else:
            assert refused(judges={"v": "verdict@locked:a"})


def test_a_clash_is_an_error_even_where_the_name_is_not_used():
    @dataclass(frozen=True)
    class Other(Rule):
        name = "coin"

    class Second:
        @hookimpl
        def judgebench_components(self):
            return [Other]

    registry = known()
    registry.add(Second(), Origin("second", "second-dist", "2"))
    spec = from_mapping({"benchmark": "starter", "judges": {"j": "verdict@hf:a"}}, "t")
    with pytest.raises(PluginError, match=r"toys \(toys 1\) and second \(second-dist 2\)"):
        resolve(spec, registry, Path("c"))


def test_where_the_cache_lies():
    assert setup().cache == Path("c")
    assert setup(cache=False).cache is None
    assert setup(cache="x.sqlite").cache == Path("x.sqlite")


def test_options_of_a_benchmark_stand_in_both_forms():
    flags = setup(benchmark='alpaca-eval-2:9,parts=["a","b"]').benchmark
    assert flags == setup(benchmark={"benchmark": "alpaca-eval-2", "size": 9, "parts": ["a", "b"]}).benchmark
    assert flags == Alpaca(9, ("a", "b"))
