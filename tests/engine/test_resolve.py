"""From both forms of a specification to components."""

import msgspec
import pytest
from entrants import HF, Alpaca, Rubric, environment, judge, known, policy, setup
from test_spec import SECTION_4

from judgebench.discovery.registry import PLANNING
from judgebench.engine.entrant import Planning
from judgebench.engine.resolve import resolve
from judgebench.engine.spec import read_run_file

pytestmark = pytest.mark.usefixtures(environment.__name__)


def test_the_run_file_and_the_flags_of_the_design_are_the_same_subjects(tmp_path):
    (tmp_path / "run.yaml").write_text(SECTION_4)
    spec = read_run_file(tmp_path / "run.yaml")
    file = resolve(spec, known())
    flags = setup(
        policies=["recorded:outputs/iter1.json", "loc:ckpts/iter2,temperature=0.7,max_tokens=2048"],
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
        policies=["recorded:outputs/iter1.json", "loc:ckpts/iter2"],
        judges=["logprob@openai:gpt-4.1"],
        limit=100,
        out="runs/weekly",
    )
    assert [entrant.subject.name for entrant in found.entrants] == ["iter1", "iter2", "logprob@gpt-4.1"]
    assert [[model.backend.name for model in entrant.models] for entrant in found.entrants] == [[], ["loc"], ["openai"]]


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("panel@loc:a", {"judge": "panel", "models": ["loc:a"]}),
        ('panel,models=["loc:a","loc:b"]', {"judge": "panel", "models": ["loc:a", "loc:b"]}),
        ("rubric:a/b,c.txt,weights=[1,2]", {"judge": "rubric", "path": "a/b,c.txt", "weights": [1, 2]}),
        ("rubric,path=a=b", {"judge": "rubric", "path": "a=b"}),
        ("verdict@loc:a,strip_reasoning=", {"judge": "verdict", "model": "loc:a", "strip_reasoning": []}),
        ("verdict@loc:a,max_tokens=9,dtype=f32", {"judge": "verdict", "model": "loc:a,dtype=f32", "max_tokens": 9}),
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
        ("loc:a,temperature=0.5", {"policy": "chat", "model": "loc:a", "temperature": 0.5}),
        ("chat@loc:a,stop=x", {"policy": "chat", "model": "loc:a", "stop": ["x"]}),
        ("chat:loc:a", {"policy": "chat", "model": "loc:a"}),
        ("scripted,default=x", {"policy": "chat", "model": "scripted,default=x"}),
    ],
)
def test_both_forms_of_a_policy_have_one_key(text, mapping):
    assert policy(text).subject == policy(mapping).subject


def test_the_naming_of_a_model_is_no_part_of_the_identity():
    inline = judge("verdict@loc:a,dtype=f32")[0]
    models = {
        "text": "loc:a,dtype=f32",
        "mapping": {"backend": "loc", "model": "a", "dtype": "f32", "threads": 8},
        "default": {"backend": "loc", "model": "a", "dtype": "f32", "temperature": 1.0},
    }
    for name in models:
        assert judge(f"verdict@{name}", models)[0].subject == inline.subject
        assert judge({"judge": "verdict", "model": name}, models)[0].subject == inline.subject
    assert judge("verdict@loc:a")[0].subject.key != inline.subject.key
    assert judge("verdict@loc:b,dtype=f32")[0].subject.key != inline.subject.key
    assert "text" not in str(judge("verdict@text", models)[0].subject.identity)


def test_a_policy_and_a_judge_ask_a_model_by_the_name_that_they_were_given():
    found = judge("verdict@strong", ["strong=loc:a"])[0]
    assert [(model.name, model.backend) for model in found.models] == [("strong", HF("a"))]
    assert found.component.model == "strong"
    members = judge({"judge": "panel", "models": ["strong", "loc:b"], "chair": "strong"}, ["strong=loc:a"])[0]
    assert [model.name for model in members.models] == ["strong", "loc:b"]
    assert judge({"judge": "panel", "models": []})[0].models == ()


def test_an_option_that_both_have_is_the_components_and_the_models_stands_with_the_model():
    found = policy("loc:a,temperature=0.5,dtype=f32")
    assert (found.component.temperature, found.models[0].backend) == (0.5, HF("a", 1.0, "f32"))
    found = policy("chat@warm,temperature=0.5", ["warm=loc:a,temperature=0.9"])
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
    found, planning = judge("verdict@loc:a,limit=5,max_tokens=50")
    assert (found.component.max_tokens, found.component.model, planning) == (50, "loc:a", Planning(limit=5))


def test_the_reserved_words_of_judges_are_those_of_planning():
    assert {field.name for field in msgspec.structs.fields(Planning)} == PLANNING


def test_options_of_a_benchmark_stand_in_both_forms():
    flags = setup(benchmark='llama-eval-2:9,parts=["a","b"]').benchmark
    assert flags == setup(benchmark={"benchmark": "llama-eval-2", "size": 9, "parts": ["a", "b"]}).benchmark
    assert flags == Alpaca(9, ("a", "b"))
