"""Prompt templates: Jinja2 in a sandbox, strict about names, with a digest of the text."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from judgebench.core.errors import ConfigError, DataError
from judgebench.core.request import Message


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt text with `{{ fields }}`, rendered in a sandbox: it can read its fields and nothing else."""

    text: str

    @classmethod
    def load(cls, path: str | None, default: str = "") -> "Template":
        """The template in a file, or `default` when no path is given; ConfigError when unreadable."""
        if path is None:
            return cls(default)
        try:
            return cls(Path(path).read_text(encoding="utf-8-sig"))  # without the mark that some editors set
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"template {path}: {_why(error)}", "give the path of a UTF-8 text file") from None

    @property
    def digest(self) -> str:
        """sha256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def render(self, **fields: Any) -> str:
        """The text with its fields filled in; DataError for a syntax error or an unknown field."""
        return _render(self.text, False, fields)


def render_chat(template: Template, messages: tuple[Message, ...]) -> str:
    """A conversation as one text by a chat template in Hugging Face's form (messages, add_generation_prompt).

    `raise_exception` is there; `strftime_now` is not, because a prompt must not depend on the day
    (templates that test for it take their fixed date). `bos_token` is empty, because servers add
    it; the other special tokens are unknown here, so a template that prints one is an error.
    """
    rows = [{"role": message.role, "content": message.content} for message in messages]
    given = {"messages": rows, "add_generation_prompt": True, "bos_token": "", "tools": None, "documents": None}
    return _render(template.text, True, given)


def _render(text: str, chat: bool, fields: dict[str, Any]) -> str:
    import jinja2

    try:
        return str(_compiled(text, chat).render(**fields))
    except Exception as error:  # a template can divide by zero, add a text to a number, nest without end
        hint = "its fields are: " + ", ".join(sorted(fields))
        line = f", line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise DataError(f"template cannot be rendered{line}: {error}", hint) from None


@lru_cache(maxsize=64)
def _compiled(text: str, chat: bool) -> Any:
    """Chat templates test for names that may be missing, and count on trimmed blocks; prompts must be exact."""
    from jinja2 import StrictUndefined, Undefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=Undefined if chat else StrictUndefined,
        trim_blocks=chat,
        lstrip_blocks=chat,
        keep_trailing_newline=not chat,
        extensions=["jinja2.ext.loopcontrols"],
    )
    environment.filters["tojson"] = _json  # Jinja's own escapes for HTML, which is no use in a prompt
    if chat:
        environment.globals["raise_exception"] = _raise
        for token in ("eos_token", "unk_token", "pad_token"):
            environment.globals[token] = StrictUndefined(name=token)
    return environment.from_string(text)


def _raise(message: str) -> None:
    from jinja2 import TemplateError

    raise TemplateError(message)


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _why(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "not UTF-8 text"
