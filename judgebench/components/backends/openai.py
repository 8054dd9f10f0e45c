"""openai: any server that speaks OpenAI's protocol (OpenAI, vLLM, llama.cpp, SGLang, Ollama, gateways)."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from judgebench.components.backends.openai_wire import Place, Wire
from judgebench.core.errors import ConfigError
from judgebench.core.request import Chat, NextToken, Text
from judgebench.plugin.kinds import Backend, Secret, Session
from judgebench.plugin.options import option

_OWN_FIELDS = frozenset({"model", "messages", "prompt", "stream", "n"})
"""Fields of a request body that `extra` may not set: they would change what is asked, or the form of the answer."""
_HOST = "api.openai.com"
_KEY = "OPENAI_API_KEY"


@dataclass(frozen=True)
class OpenAI(Backend):
    """A model behind an OpenAI-compatible server, over connections that are kept alive.

    `Chat` and `NextToken` go to /chat/completions, `Text` to /completions. Reasoning that a server
    returns apart stands before the answer as `<think>...</think>`. The key is never kept here, only
    the name of the secret; it is sent to `base_url` and nowhere else: redirects are not followed.
    A server that is not OpenAI's gets a key only where `key` names one for it.
    """

    name = "openai"
    summary = "any OpenAI-compatible server"
    can = frozenset({Chat, Text, NextToken})
    guides = True

    model: str = option(help="the model's name on the server")
    base_url: str = option(f"https://{_HOST}/v1", help="the server's address, up to and with /v1")
    key: str | None = option(
        None,
        help=f"name of the variable with the key for base_url [default: {_KEY} for {_HOST}, else no key]",
        identity=False,
    )
    concurrency: int = option(64, help="requests in flight at once", identity=False)
    timeout: float = option(600.0, help="seconds to wait for an answer", identity=False)
    rpm: float | None = option(None, help="requests per minute that the server allows", identity=False)
    price_in: float | None = option(None, help="US dollars per million input tokens", identity=False)
    price_out: float | None = option(None, help="US dollars per million output tokens", identity=False)
    top_logprobs: int = option(20, help="most log-probs the server gives per token")
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = option(
        "max_tokens",
        help="name of the token limit in requests: OpenAI's reasoning models want the second",
        identity=False,
    )
    extra: Mapping[str, Any] | None = option(
        None, help="fields merged into each request body, such as {cache_prompt: false}; null leaves a field out"
    )

    def __post_init__(self) -> None:
        """ConfigError for options that cannot work, or that hold a secret where a record would keep it."""
        object.__setattr__(self, "base_url", _checked_address(self.base_url))
        if self.key is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", self.key):
            raise ConfigError(
                "openai: `key` is no name of a secret",
                "give the name of an environment variable in capitals, such as OPENAI_API_KEY, never the key itself",
            )
        for option_name in ("concurrency", "timeout", "rpm", "top_logprobs"):
            value = getattr(self, option_name)
            if value is not None and not 0 < value < float("inf"):
                raise ConfigError(f"openai: {option_name} is {value}", "give a number above 0")
        if (self.price_in is None) != (self.price_out is None):
            raise ConfigError("openai: one of price_in and price_out is missing", "give both or neither; 0 is free")
        if self.prices is not None and not all(0 <= price < float("inf") for price in self.prices):
            raise ConfigError("openai: a price is negative", "give US dollars per million tokens")
        if taken := _OWN_FIELDS.intersection(self.extra or ()):
            raise ConfigError(f"openai: `extra` may not set '{min(taken)}'", "the backend itself sets this field")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The name in `key`; without one, OpenAI's own servers need theirs and others get none."""
        if self.key is not None:
            return (self.key,)
        host = urlsplit(self.base_url).hostname or ""
        return (_KEY,) if host == _HOST or host.endswith(f".{_HOST}") else ()

    @property
    def slots(self) -> int:
        """The option `concurrency`."""
        return self.concurrency

    @property
    def requests_per_minute(self) -> float | None:
        """The option `rpm`."""
        return self.rpm

    @property
    def prices(self) -> tuple[float, float] | None:
        """The options `price_in` and `price_out`."""
        return None if self.price_in is None or self.price_out is None else (self.price_in, self.price_out)

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        """One pool of `concurrency` connections. ConfigError when a key is needed and missing, or is malformed."""
        from judgebench.components.backends.openai_session import connected

        name = next(iter(self.secrets), None)
        place = Place(self.base_url, self.model, name, None if name is None else self._value(name, secret))
        wire = Wire(self.model, self.max_tokens_field, self.top_logprobs, self.extra or {})
        async with connected(place, wire, self.concurrency, self.timeout) as session:
            yield session

    def _value(self, name: str, secret: Secret) -> str:
        value = (secret(name) or "").strip()
        if not value:
            raise ConfigError(f"model '{self.model}' needs the secret {name}", f"export {name}=...")
        if not re.fullmatch(r"[!-~]+", value):
            raise ConfigError(f"the secret {name} holds blanks or non-ASCII characters", "check what was exported")
        return value


def _checked_address(base_url: str) -> str:
    """The address without a trailing slash. The errors do not repeat it: it may hold a password."""
    try:
        parts = urlsplit(base_url)
        host = (parts.hostname or "").encode("idna")
        usable = parts.scheme in ("http", "https") and host != b"" and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f]", base_url):
        raise ConfigError("openai: base_url is no address", "it looks like http://127.0.0.1:8000/v1")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(
            "openai: base_url holds more than an address",
            "leave out user, password and ?query; put the key into an environment variable and name it with `key`",
        )
    return base_url.rstrip("/")


COMPONENT = OpenAI
