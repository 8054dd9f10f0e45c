"""Templates: what they may see, what they may not do, and chat templates in Hugging Face's form."""

import hashlib
from contextlib import suppress

import pytest

from judgebench import ConfigError, DataError, Message, Template
from judgebench.plugin.template import render_chat

TALK = (Message("system", "S"), Message("user", "U & <u>"), Message("assistant", "A"), Message("user", "V"))
CHATML = """\
{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
STRICT_ROLES = """\
{% if messages[0]['role'] == 'system' %}
    {% set system = messages[0]['content'] %}
    {% set messages = messages[1:] %}
{% else %}
    {% set system = '' %}
{% endif %}
{{ bos_token }}{{ system }}
{% for message in messages %}
    {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{ raise_exception('Conversation roles must alternate') }}
    {% endif %}
    {% if message['role'] == 'tool' %}{% continue %}{% endif %}
[{{ message['role'] }}] {{ message['content'] | trim }}
{% endfor %}
"""
DATED = """\
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{{- "Today: " + date_string }}
{%- if tools is not none %}{{- " tools!" }}{%- endif %}
"""


def test_fields_are_filled_in_exactly():
    template = Template("  {{ a }}\n{% if b %}\n{{ b[0] }}{% endif %}\n\n")
    assert template.render(a="{{ b }} & <i>", b=["x"]) == "  {{ b }} & <i>\n\nx\n\n"


def test_a_template_file_is_read_without_a_mark_and_digested(tmp_path):
    path = tmp_path / "prompt.txt"
    path.write_bytes(b"\xef\xbb\xbfsay {{ word }}\r\n")
    template = Template.load(str(path))
    assert template == Template("say {{ word }}\n")
    assert template.digest == hashlib.sha256(b"say {{ word }}\n").hexdigest()
    assert Template.load(None, "own") == Template("own")
    assert template.digest != Template("own").digest


def test_a_template_file_that_cannot_be_read_is_an_error(tmp_path):
    (tmp_path / "latin").write_bytes(b"\xe4")
    for path, says in (("latin", "not UTF-8 text"), ("nowhere", "No such file"), (".", "Is a directory")):
        with pytest.raises(ConfigError, match=says):
            Template.load(str(tmp_path / path))


@pytest.mark.parametrize(
    "text",
    [
        "{{ a.__class__ }}",
        "{{ a['__class__'] }}",
        "{{ a | attr('__class__') }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ '{0.__class__}'.format(a) }}",
        "{{ a.format.__func__ }}",
        "{{ lipsum.__globals__['os'] }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ open('/etc/passwd').read() }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{% set _ = b.append(1) %}",
        "{% set _ = b.clear() %}",
    ],
)
def test_a_template_reads_its_fields_and_nothing_else(text):
    rows = ["x"]
    with pytest.raises(DataError, match="template cannot be rendered"):
        Template(text).render(a="x", b=rows)
    assert rows == ["x"]
    chat = Template("{% set a = 'x' %}{% set b = messages %}" + text)
    with suppress(DataError):  # chat templates may test for what is missing: there, it is an error or nothing
        assert render_chat(chat, TALK) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ nobody }}", "'nobody' is undefined"),
        ("{{ a.nothing }}", "has no attribute 'nothing'"),
        ("{{ b[7] }}", "has no element 7"),
        ("{% if nobody %}{% endif %}", "'nobody' is undefined"),
        ("\n\n{{ a", "line 3"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ a + 1 }}", "can only concatenate"),
        ("{{ range(10 ** 9) }}", "Range too big"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion"),
        ("{{ a | nothing }}", "No filter named 'nothing'"),
    ],
)
def test_a_template_that_cannot_be_rendered_is_an_error_that_names_its_fields(text, says):
    with pytest.raises(DataError, match="template cannot be rendered") as caught:
        Template(text).render(a="x", b=["x"])
    assert says in caught.value.message
    assert caught.value.hint == "its fields are: a, b"


def test_json_in_a_prompt_is_not_escaped_for_html():
    assert Template("{{ a | tojson }}").render(a=["<é>", "'&'"]) == '["<é>", "\'&\'"]'


def test_chatml():
    assert render_chat(Template(CHATML), TALK) == (
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU & <u><|im_end|>\n"
        "<|im_start|>assistant\nA<|im_end|>\n<|im_start|>user\nV<|im_end|>\n<|im_start|>assistant\n"
    )


def test_blocks_are_trimmed_as_hugging_face_trims_them():
    assert render_chat(Template(STRICT_ROLES), TALK) == "S\n[user] U & <u>\n[assistant] A\n[user] V\n"


def test_a_chat_template_may_refuse_a_conversation():
    with pytest.raises(DataError, match="Conversation roles must alternate"):
        render_chat(Template(STRICT_ROLES), TALK[1:2] * 2)


def test_a_prompt_does_not_depend_on_the_day_and_no_tools_are_none():
    assert render_chat(Template(DATED), TALK) == "Today: 26 Jul 2024"
    with pytest.raises(DataError, match="'strftime_now' is undefined"):
        render_chat(Template("{{ strftime_now('%Y') }}"), TALK)


def test_names_that_may_be_missing_are_tested_and_message_keys_too():
    text = "{% if enable_thinking is defined %}x{% endif %}{% if not messages[0].tool_calls %}{{ messages | length }}"
    assert render_chat(Template(text + "{% endif %}"), TALK) == "4"


@pytest.mark.parametrize("token", ["eos_token", "pad_token", "unk_token"])
def test_a_special_token_that_is_not_known_here_is_an_error_and_not_nothing(token):
    for text in (f"{{{{ {token} }}}}", f"{{{{ 'x' + {token} }}}}"):
        with pytest.raises(DataError, match=f"'{token}' is undefined"):
            render_chat(Template(text), TALK)
    assert render_chat(Template(f"{{% if {token} is defined %}}x{{% endif %}}"), TALK) == ""
