"""What is refused before anything is spent."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from entrants import Rule, environment, judge, known, refused, setup

from judgebench import JudgebenchError, PluginError, hookimpl
from judgebench.discovery.registry import Origin
from judgebench.engine.resolve import resolve
from judgebench.engine.spec import from_mapping

pytestmark = pytest.mark.usefixtures(environment.__name__)


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


NAMED = {"strong": "loc:a"}


@pytest.mark.parametrize(
    ("given", "says", "hint"),
    [
        ({"benchmark": "llama-eval"}, "there is no benchmark 'llama-eval'", "did you mean 'llama-eval-2'?"),
        ({"benchmark": "llama-eval-2,sise=3"}, "benchmark 'llama-eval-2': unknown option 'sise'", "'size'?"),
        ({"benchmark": "llama-eval-2:x"}, "benchmark 'llama-eval-2': Expected `int`", ""),
        ({"benchmark": "llama-eval-2:9,size=8"}, "benchmark 'llama-eval-2': 'size' is given twice", ""),
        (
            {"benchmark": "starter:x"},
            "benchmark 'starter': benchmark 'starter' takes no value",
            "write 'starter' alone",
        ),
        ({"benchmark": "llama-eval-2@loc:a"}, "'llama-eval-2@loc:a' cannot be read", ""),
        ({"benchmark": "b=llama-eval-2"}, "benchmark: 'b=llama-eval-2' sets another name, 'b'", ""),
        ({"benchmark": {"name": "x"}}, "benchmark: 'benchmark' is missing", ""),
        ({"judges": {}}, "no judge is named", "add `--judge"),
        ({"judges": {"j": "verdct@loc:a"}}, "there is no judge 'verdct'", "did you mean 'verdict'?"),
        ({"judges": {"j": "k=coin"}}, "judge 'j': 'k=coin' sets another name, 'k'", ""),
        ({"judges": {"j": "coin:x"}}, "judge 'j': judge 'coin' takes no value", ""),
        ({"judges": {"j": "coin@loc:a"}}, "judge 'j': judge 'coin' asks no model", "write 'coin' alone"),
        ({"judges": {"j": "verdict"}}, "judge 'j': option 'model' is missing", "the model that judges"),
        ({"judges": {"j": "verdict@loc:a,model=b"}}, "judge 'j': 'model' is given twice", ""),
        ({"judges": {"j": "verdict:loc:a,model=b"}}, "judge 'j': 'model' is given twice", ""),
        ({"judges": {"j": "verdict@loc:a,tempratur=1"}}, "judge 'j': unknown option 'tempratur'", "'temperature'?"),
        ({"judges": {"j": "verdict@loc:a,max-tokens=1"}}, "judge 'j': unknown option 'max-tokens'", "'max_tokens'?"),
        ({"judges": {"j": "verdict@loc:a,dtyp=1"}}, "judge 'j': unknown option 'dtyp'", "did you mean 'dtype'?"),
        ({"judges": {"j": "verdict@locc:a,dtype=1"}}, "there is no backend 'locc'", "did you mean 'loc'?"),
        ({"judges": {"j": "verdict@loc"}}, "model 'loc': option 'model' is missing", "a checkpoint"),
        ({"judges": {"j": "verdict@stong"}, "models": NAMED}, "there is no model 'stong'", "did you mean 'strong'?"),
        ({"judges": {"j": "verdict@stong"}}, "judge 'j': there is no model 'stong'", "write BACKEND:MODEL"),
        ({"judges": {"j": "verdict@strong,dtype=x"}, "models": NAMED}, "unknown option 'dtype'", "under `models:`"),
        ({"judges": {"j": {"judge": "coin", "side": 1}}}, "judge 'j': unknown option 'side'", "there are none"),
        ({"judges": {"j": {"judge": "verdict", "model": "loc:a", "top_p": "1"}}}, "judge 'j': Expected `float`", ""),
        ({"policies": {"j": "loc:a"}, "judges": {"j": "coin"}}, "a policy and a judge are both called 'j'", ""),
        ({"policies": {"p": "cat@loc:a"}}, "there is no policy 'cat'", "did you mean 'chat'?"),
        ({"policies": {"p": "loc@x"}}, "there is no policy 'loc'", ""),
        ({"policies": {"p": "recorded:no.json"}}, "no.json: No such file", ""),
        ({"policies": {"p": {"policy": "chat", "model": "loc:a", "backend": "loc"}}}, "unknown option 'backend'", ""),
        ({"models": {"unused": "locc:a"}}, "there is no backend 'locc'", "did you mean 'loc'?"),
        (
            {"models": {"unused": {"backend": "loc", "modle": "a"}}},
            "model 'unused': unknown option 'modle'",
            "'model'?",
        ),
        ({"models": {"unused": {"model": "a"}}}, "model 'unused': 'backend' is missing", ""),
        ({"measures": ["win-rat"]}, "there is no measure 'win-rat'", "did you mean 'win-rate'?"),
        ({"measures": ["win-rate", "win-rate"]}, "measure 'win-rate' is named twice", ""),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_spent(given, says, hint):
    with pytest.raises(JudgebenchError) as caught:
        setup(**given)
    assert says in caught.value.message
    assert hint in caught.value.hint


def test_a_model_that_cannot_do_what_is_needed_is_named_with_those_that_can():
    message, hint = refused(judges={"lp": "logprob@loc:a"})
    assert message == "judge 'lp' needs NextToken, which backend 'loc' cannot do"
    assert re.match(r"these can: .*\bopenai, scripted\b", hint)
    assert "loc" not in hint
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
    spec = from_mapping({"benchmark": "starter", "judges": {"j": "verdict@loc:a"}}, "t")
    with pytest.raises(PluginError, match=r"toys \(toys 1\) and second \(second-dist 2\)"):
        resolve(spec, registry)
