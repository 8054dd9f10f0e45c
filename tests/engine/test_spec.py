"""The run file and the flags, still without components."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import ConfigError
from judgebench.engine.spec import RunSpec, Words, from_mapping, named, read_run_file, split, words_of

SECTION_4 = """\
# run.yaml:  judgebench run run.yaml
benchmark: llama-eval-2
limit: 100                       # seeded sample of the items; leave out for all
models:
  strong: {backend: openai, model: gpt-4.1, base_url: "https://api.openai.com/v1"}
policies:
  iter1: {policy: recorded, path: outputs/iter1.json}
  iter2: {policy: chat, model: "loc:ckpts/iter2", temperature: 0.7, max_tokens: 2048}
judges:
  lp: {judge: logprob, model: strong, order: both}
out: runs/weekly
seed: 7
"""
OPTION = re.compile(r",\s*[A-Za-z_][A-Za-z0-9_-]*=")

names = st.from_regex(r"[^\s=:@,]([^=:@,]*[^\s=:@,])?", fullmatch=True)
heads = st.from_regex(r"[^\s=:@,]+", fullmatch=True)
keys = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,9}", fullmatch=True)
awkward = st.lists(st.sampled_from([",", "=", ":", "@", "/", " ", "a", "b", "http://h:1/v1", "{", "\n", "é"])).map(
    "".join
)
values = st.one_of(st.text(), awkward).filter(lambda text: not OPTION.search(text))


def refused(text):
    with pytest.raises(ConfigError) as caught:
        split(text)
    return caught.value.message


@given(st.none() | names, heads, st.sampled_from(["", ":", "@"]), values, st.dictionaries(keys, values, max_size=4))
def test_what_was_joined_is_split(name, head, sign, value, options):
    if not value:
        sign = ""
    text = ("" if name is None else f"{name}=") + head + (sign and sign + value)
    text += "".join(f",{key}={given}" for key, given in options.items())
    expected = Words(name, head, value if sign == ":" else None, value if sign == "@" else None, options)
    assert split(text) == expected


@given(st.one_of(st.text(), awkward))
def test_every_text_is_taken_apart_or_refused(text):
    try:
        words = split(text)
    except ConfigError:
        return
    assert words.head
    assert words.value is None or words.model is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("verdict", Words(None, "verdict", None, None, {})),
        ("recorded:outputs/iter1.json", Words(None, "recorded", "outputs/iter1.json", None, {})),
        ("recorded:a,b/c=d/e:f@g.json", Words(None, "recorded", "a,b/c=d/e:f@g.json", None, {})),
        ("pairs,path=a=b,c:d", Words(None, "pairs", None, None, {"path": "a=b,c:d"})),
        ("iter2=hf:ckpts/iter2", Words("iter2", "hf", "ckpts/iter2", None, {})),
        ("my judge=verdict@strong", Words("my judge", "verdict", None, "strong", {})),
        ("logprob@openai:gpt-4.1", Words(None, "logprob", None, "openai:gpt-4.1", {})),
        ("v@openai:org/m@rev", Words(None, "v", None, "openai:org/m@rev", {})),
        ("openai:m@rev", Words(None, "openai", "m@rev", None, {})),
        (
            "verdict@openai:m,base_url=http://127.0.0.1:8000/v1,order=both",
            Words(None, "verdict", None, "openai:m", {"base_url": "http://127.0.0.1:8000/v1", "order": "both"}),
        ),
        ("openai:m, top_p=0.9,\n stop=a,b", Words(None, "openai", "m", None, {"top_p": "0.9", "stop": "a,b"})),
        ("openai:m,max-tokens=9", Words(None, "openai", "m", None, {"max-tokens": "9"})),
        ("chat@m,stop=", Words(None, "chat", None, "m", {"stop": ""})),
        ('chat@m,stop=["a","b"]', Words(None, "chat", None, "m", {"stop": '["a","b"]'})),
    ],
)
def test_texts_as_people_write_them(text, words):
    assert split(text) == words


@pytest.mark.parametrize(
    "text", ["", " ", ":x", "@m", "=x", "a=", "a:", "a@", ",k=v", "a=b=c", "n =x:y", " a", "a b:c"]
)
def test_a_text_without_a_component_is_refused_whole(text):
    assert refused(text) == f"'{text}' cannot be read"


def test_an_option_twice_is_refused():
    assert refused("chat@m,top_p=1,top_p=0.5") == "'chat@m,top_p=1,top_p=0.5': option 'top_p' is given twice"


def test_flags_get_names_from_what_they_name():
    texts = ["recorded:outputs/iter1.json.gz", "hf:ckpts/iter2/", "openai:gpt-4.1,top_p=1", "mine=hf:x", "scripted"]
    assert named(texts, "policies") == dict(zip(["iter1", "iter2", "gpt-4.1", "mine", "scripted"], texts, strict=True))
    judges = ["logprob@openai:gpt-4.1", "verdict@openai:gpt-4.1", "longer", "verdict@llamacpp:hf:a/b/c.gguf,order=both"]
    assert list(named(judges, "judges")) == ["logprob@gpt-4.1", "verdict@gpt-4.1", "longer", "verdict@c"]


@pytest.mark.parametrize(("what", "flag"), [("policies", "--policy"), ("judges", "--judge")])
def test_one_name_for_two_is_an_error_that_says_how_to_name_them(what, flag):
    with pytest.raises(ConfigError, match=f"two {what} are called 'x'") as caught:
        named(["hf:a/x", "x=hf:b"], what)
    assert caught.value.hint == f"name them: {flag} NAME=hf:b"


def test_an_entry_is_a_text_or_a_mapping():
    assert words_of({"policy": "chat", "model": "m"}, "policy", "p") == Words(None, "chat", None, None, {"model": "m"})
    assert words_of("p=chat@m", "policy", "policy 'p'", "p").model == "m"
    with pytest.raises(ConfigError, match="policy 'p': 'q=chat@m' sets another name, 'q'"):
        words_of("q=chat@m", "policy", "policy 'p'", "p")
    for entry in ({}, {"policy": None}, {"policy": 5}, {"judge": "chat"}):
        with pytest.raises(ConfigError, match="policy 'p': 'policy' is missing"):
            words_of(entry, "policy", "policy 'p'")


def file(tmp_path, text):
    path = tmp_path / "run.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def error(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        read_run_file(file(tmp_path, text))
    assert caught.value.hint
    return caught.value.message.removeprefix(f"{tmp_path}/")


def test_the_run_file_of_the_design(tmp_path):
    expected = RunSpec(
        benchmark="llama-eval-2",
        limit=100,
        models={"strong": {"backend": "openai", "model": "gpt-4.1", "base_url": "https://api.openai.com/v1"}},
        policies={
            "iter1": {"policy": "recorded", "path": "outputs/iter1.json"},
            "iter2": {"policy": "chat", "model": "loc:ckpts/iter2", "temperature": 0.7, "max_tokens": 2048},
        },
        judges={"lp": {"judge": "logprob", "model": "strong", "order": "both"}},
        out="runs/weekly",
        seed=7,
    )
    for text in (SECTION_4, SECTION_4.replace("\n", "\r\n"), "\ufeff" + SECTION_4):
        assert read_run_file(file(tmp_path, text)) == expected


def test_a_key_may_return_in_another_mapping_and_override_what_is_merged(tmp_path):
    text = """
    benchmark: x
    models: {}
    policies:
      a: &a {policy: chat, model: "t:a", top_p: 0.5}
      b: &b {<<: *a, model: "t:b"}
      c: {<<: *b, top_p: 1.0}
    """
    assert read_run_file(file(tmp_path, text)).policies["c"] == {"policy": "chat", "model": "t:b", "top_p": 1.0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "run.yaml holds no mapping"),
        ("# nothing\n", "run.yaml holds no mapping"),
        ("- benchmark: x\n", "run.yaml holds no mapping"),
        ("starter", "run.yaml holds no mapping"),
        ("benchmark: x\n  y: z\n", "run.yaml, line 2: mapping values are not allowed here"),
        ("benchmark: x\nmodels: {a: b\n", "run.yaml, line 3: expected ',' or '}'"),
        ("benchmark: x\n\tlimit: 3\n", "run.yaml, line 2: found character '\\t'"),
        ("benchmark: x\nout: *nowhere\n", "run.yaml, line 2: found undefined alias"),
        ("benchmark: x\nout: !!python/name:os.system\n", "run.yaml, line 2: could not determine a constructor"),
        ("benchmark: x\n---\nbenchmark: y\n", "run.yaml, line 2: but found another document"),
        ("benchmark: x\n\nout: \x07\n", "run.yaml, line 3: "),
        ("benchmark: x\nlimit: 1\nlimit: 2\n", "run.yaml, line 3: 'limit' stands here a second time"),
        ("benchmark: x\njudges:\n  a: y\n  b: y\n  a: z\n", "run.yaml, line 5: 'a' stands here a second time"),
        ("benchmark: x\njudges: {a: {judge: j, k: [{m: 1, m: 1}]}}\n", "run.yaml, line 2: 'm' stands here a second"),
        ("benchmark: x\nout: 2024-13-45\n", "run.yaml: month must be in 1..12"),
        (b"benchmark: \xff\n", "run.yaml is not UTF-8 text"),
        ("[" * 1000, "run.yaml: maximum recursion depth"),
        ("limit: 1\n", "run.yaml: no benchmark is named"),
        ("benchmark: x\njugdes: {}\n", "run.yaml: unknown key 'jugdes'"),
        ("benchmark: x\n7: {}\n", "run.yaml: unknown key '7'"),
        ("benchmark: [x]\n", "run.yaml: Expected `str | object`, got `array` - at `$.benchmark`"),
        ("benchmark: x\nlimit: many\n", "run.yaml: Expected `int | null`, got `str` - at `$.limit`"),
        ("benchmark: x\nlimit: 1.5\n", "run.yaml: Expected `int | null`, got `float` - at `$.limit`"),
        ("benchmark: x\nseed: true\n", "run.yaml: Expected `int`, got `bool` - at `$.seed`"),
        ("benchmark: x\nout: 2024-01-05\n", "run.yaml: Expected `str | null`, got `date` - at `$.out`"),
        ("benchmark: x\npolicies: [hf:a]\n", "run.yaml: Expected `object`, got `array` - at `$.policies`"),
        ("benchmark: x\npolicies: {a: 3}\n", "run.yaml: Expected `str | object`, got `int` - at `$.policies[...]`"),
        ("benchmark: x\npolicies: {3: a}\n", "run.yaml: Expected `str`, got `int`"),
        ("benchmark: x\nmeasures: win-rate\n", "run.yaml: Expected `array`, got `str` - at `$.measures`"),
        ("benchmark: x\nlimit: 0\n", "run.yaml: limit is 0"),
        ("benchmark: x\nseed: -1\n", "run.yaml: seed is -1"),
        ("benchmark: x\nretries: -1\n", "run.yaml: retries is -1"),
        ("benchmark: x\nmax_calls: -1\n", "run.yaml: max_calls is -1"),
        ("benchmark: x\nmax_cost: -0.5\n", "run.yaml: max_cost is -0.5"),
        ("benchmark: x\nmax_cost: .nan\n", "run.yaml: max_cost is nan"),
        ("benchmark: x\njudges: {'': y}\n", "run.yaml: '' is no name"),
        ('benchmark: x\npolicies: {"a\\nb": y}\n', "run.yaml: 'a\\nb' is no name"),
    ],
)
def test_a_run_file_that_is_wrong_is_named_with_the_place(tmp_path, text, says):
    assert error(tmp_path, text).startswith(says)


def test_hints_name_the_nearest_key():
    with pytest.raises(ConfigError) as caught:
        from_mapping({"benchmark": "x", "jugdes": {}}, "run.yaml")
    assert caught.value.hint == "did you mean 'judges'?"


def test_a_run_file_that_is_not_there(tmp_path):
    for path, says in ((tmp_path / "nowhere.yaml", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(ConfigError, match=says):
            read_run_file(path)


def test_the_bounds_themselves_are_allowed():
    zeros = {"seed": 0, "retries": 0, "max_calls": 0, "max_cost": 0, "limit": 1}
    assert from_mapping({"benchmark": "x", **zeros}, "x").max_cost == 0.0
