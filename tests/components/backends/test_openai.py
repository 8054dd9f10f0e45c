"""openai, against real HTTP on loopback: canned answers where the bytes matter, the loopback server elsewhere."""

import asyncio
import json
import ssl
import subprocess
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from judgebench.components.backends.openai import OpenAI
from judgebench.core.errors import BackendError, ConfigError, PermanentError, RequestError, TransientError
from judgebench.core.request import Chat, Completion, Message, NextToken, Request, Sampling, SequenceScore, Text, Usage
from judgebench.plugin.options import build, identity_options, options
from judgebench.testing.loopback import Server, serve

KEY = "sk-proj-0123456789abcdefSECRET"
ASKED = (Message("system", "Be brief."), Message("user", "Hi"))
CHAT = Chat(ASKED)
NEXT = NextToken(ASKED, ("A", "B"))


def no_secret(name: str) -> None:
    return None


def secret(name: str) -> str:
    return KEY


@dataclass
class Canned:
    """A server that says the given bytes in turn, the last of them for ever, and keeps what it was asked."""

    url: str
    heads: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)


@asynccontextmanager
async def canned(*replies: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Canned]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(line for line in head.splitlines() if line.lower().startswith("content-length"))
        seen.heads.append(head)
        seen.bodies.append(json.loads(await reader.readexactly(int(length.split(":")[1]))))
        writer.write(replies[min(len(seen.heads), len(replies)) - 1])
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    seen = Canned(f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    async with server:
        yield seen


def http(status: int, body: Any, *headers: str) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return "\r\n".join([f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}", *headers, "", ""]).encode() + data


def answer(message: dict[str, Any], **choice: Any) -> dict[str, Any]:
    return {"id": "x", "new": {}, "choices": [{"index": 0, "message": {"role": "assistant", **message}, **choice}]}


async def ask(backend: OpenAI, request: Request, key: Any = secret) -> Completion:
    async with backend.open(key) as session:
        return await session.complete(request)


def reply_to(request: Request, reply: bytes, **given: Any) -> tuple[Completion, Canned]:
    async def main() -> tuple[Completion, Canned]:
        async with canned(reply) as server:
            return await ask(OpenAI("m", base_url=server.url, **given), request), server

    return asyncio.run(main())


def error_of(
    reply: bytes, request: Request = CHAT, key: Any = secret, name: str | None = "OPENAI_API_KEY"
) -> BackendError:
    async def main() -> BackendError:
        async with canned(reply) as server:
            with pytest.raises(BackendError) as caught:
                await ask(OpenAI("m", base_url=server.url, key=name), request, key)
            return caught.value

    error = asyncio.run(main())
    shown = "".join(traceback.format_exception(error)) + repr(error) + error.message + error.hint
    assert KEY not in shown
    assert "\n" not in error.message
    assert error.__cause__ is None
    return error


# What is asked


def test_chat_body() -> None:
    request = Chat(ASKED, Sampling(0.7, 0.9, 5, ("\n", "Q:"), 42))
    _, server = reply_to(request, http(200, answer({"content": "yes"})), key="MY_KEY")
    assert server.heads[0].startswith("POST /v1/chat/completions HTTP/1.1\r\n")
    assert f"Authorization: Bearer {KEY}\r\n" in server.heads[0]
    assert server.bodies[0] == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "temperature": 0.7,
        "top_p": 0.9,
        "max_tokens": 5,
        "stop": ["\n", "Q:"],
        "seed": 42,
    }


def test_stop_and_seed_are_sent_only_where_set() -> None:
    _, server = reply_to(CHAT, http(200, answer({"content": "yes"})))
    assert {"stop", "seed", "top_k", "response_format"}.isdisjoint(server.bodies[0])


def test_an_answer_can_be_held_to_a_schema() -> None:
    request = Chat(ASKED, Sampling(top_k=40), '{"type": "object", "properties": {"b": {}, "a": {}}}')
    found, server = reply_to(request, http(200, answer({"content": "{}"})))
    assert found == Completion("{}", guided=True)
    body = server.bodies[0]
    assert body["top_k"] == 40
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["strict"] is True
    schema = body["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]) == ["b", "a"]  # as they shall be written
    assert reply_to(CHAT, http(200, answer({"content": "{}"})))[0] == Completion("{}")


def test_text_goes_to_completions() -> None:
    found, server = reply_to(
        Text("Once", Sampling(max_tokens=3)),
        http(200, {"choices": [{"text": " upon", "finish_reason": "length", "logprobs": None}]}),
        max_tokens_field="max_completion_tokens",
    )
    assert found == Completion(" upon", "length")
    assert server.heads[0].startswith("POST /v1/completions ")
    assert server.bodies[0] == {"model": "m", "prompt": "Once", "temperature": 0.0, "top_p": 1.0, "max_tokens": 3}


def test_next_token_asks_for_no_more_logprobs_than_the_server_gives() -> None:
    top = [
        {"token": "B", "logprob": -2.0},
        {"token": "A", "logprob": -0.2, "bytes": [65]},
        {"token": "C", "logprob": None},
    ]
    reply = http(200, answer({"content": "A"}, finish_reason="length", logprobs={"content": [{"top_logprobs": top}]}))
    found, server = reply_to(NEXT, reply, top_logprobs=5)
    assert found.logprobs == (("A", -0.2), ("B", -2.0))
    assert found.text == "A"
    body = server.bodies[0]
    assert (body["max_tokens"], body["temperature"], body["logprobs"], body["top_logprobs"]) == (1, 0.0, True, 5)


def test_extra_has_the_last_word_and_null_leaves_a_field_out() -> None:
    _, server = reply_to(
        CHAT,
        http(200, answer({"content": "yes"})),
        max_tokens_field="max_completion_tokens",
        extra={"cache_prompt": False, "temperature": None, "top_p": 0.5},
    )
    body = server.bodies[0]
    assert body["cache_prompt"] is False
    assert body["top_p"] == 0.5
    assert body["max_completion_tokens"] == 1024
    assert {"temperature", "max_tokens"}.isdisjoint(body)


def test_another_server_gets_a_key_only_when_its_name_is_given() -> None:
    reply = http(200, answer({"content": "yes"}))
    assert "authorization" not in reply_to(CHAT, reply)[1].heads[0].lower()
    assert f"Authorization: Bearer {KEY}" in reply_to(CHAT, reply, key="MY_KEY")[1].heads[0]


def test_a_sequence_cannot_be_scored() -> None:
    with pytest.raises(PermanentError, match="SequenceScore"):
        asyncio.run(ask(OpenAI("m", base_url="http://127.0.0.1:9/v1"), SequenceScore(ASKED, "x")))
    assert OpenAI.can == {Chat, Text, NextToken}


# What comes back


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", "stop"),
        ("eos", "stop"),
        ("eos_token", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", None),
        (None, None),
    ],
)
def test_finish_reasons(reason: str | None, finish: str | None) -> None:
    found, _ = reply_to(CHAT, http(200, answer({"content": "x"}, finish_reason=reason)))
    assert found.finish == finish


def test_fields_may_be_null_or_missing() -> None:
    body = answer({"content": None}, finish_reason=None, logprobs=None)
    found, _ = reply_to(CHAT, http(200, {**body, "usage": {"prompt_tokens": 7, "completion_tokens": None, "new": 1}}))
    assert found == Completion("", None, Usage(7, 0))
    assert reply_to(CHAT, http(200, {**body, "usage": None}))[0] == Completion()
    assert reply_to(CHAT, http(200, body))[0] == Completion()


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_stands_before_the_answer(name: str) -> None:
    found, _ = reply_to(CHAT, http(200, answer({"content": "Yes.", name: "Hm."}, finish_reason="stop")))
    assert found.text == "<think>Hm.</think>Yes."
    found, _ = reply_to(CHAT, http(200, answer({"content": None, name: "Hm"}, finish_reason="length")))
    assert found == Completion("<think>Hm</think>", "length")
    found, _ = reply_to(CHAT, http(200, answer({"content": "Yes.", name: None})))
    assert found.text == "Yes."


def test_a_filtered_answer_stays_a_completion_even_without_logprobs() -> None:
    found, _ = reply_to(NEXT, http(200, answer({"content": ""}, finish_reason="content_filter")))
    assert found == Completion("", "content_filter")


def test_a_server_without_logprobs_ends_the_run_but_one_lapse_does_not() -> None:
    without = http(200, answer({"content": "A"}, finish_reason="length", logprobs=None))
    error = error_of(without, NEXT)
    assert type(error) is PermanentError
    assert "log-probs" in error.message

    async def main() -> None:
        top = [{"token": "A", "logprob": -0.2}]
        brought = http(
            200, answer({"content": "A"}, logprobs={"content": [{"top_logprobs": top}]}), "Connection: close"
        )
        async with canned(brought, without) as server, OpenAI("m", base_url=server.url).open(no_secret) as session:
            assert (await session.complete(NEXT)).logprobs == (("A", -0.2),)
            with pytest.raises(RequestError, match="log-probs"):
                await session.complete(NEXT)

    asyncio.run(main())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"choices": [',
        b'{"choices": []}',
        b'{"choices": null, "error": {"message": "upstream"}}',
        b'{"choices": [{"text": "no message"}]}',
        b'{"choices": [{"message": {"content": 3}}]}',
        b'{"choices": [{"message": {"content": "\xff"}}]}',
        b'{"choices": [{"message": {"content": "half"}, "finish_reason": "abort"}]}',
        b'{"error": "' + KEY.encode() + b'"}',
    ],
)
def test_a_body_that_is_no_answer_is_tried_again(body: bytes) -> None:
    error = error_of(http(200, body))
    assert isinstance(error, TransientError)
    assert "http://127.0.0.1" in error.message


# Errors by class


def said(message: str, code: str | int | None = None, type: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "type": type}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "part"),
    [
        (400, said("bad field"), RequestError, "bad field"),
        (413, b"<html>too large</html>", RequestError, "(413)"),
        (422, {"detail": [{"loc": ["body"], "msg": "wrong"}]}, RequestError, "wrong"),
        (400, said("it is long", "context_length_exceeded"), RequestError, "context overflow: it is long"),
        (400, said("it is long", 400, "exceed_context_size_error"), RequestError, "context overflow: it is long"),
        (400, {"object": "error", "message": "vLLM says", "code": 400}, RequestError, "vLLM says"),
        (400, {"error": "Ollama says"}, RequestError, "Ollama says"),
        (400, [said("Gemini says")], RequestError, "Gemini says"),
        (400, said("unknown field", "unsupported_parameter"), PermanentError, "unknown field"),
        (401, said("who are you"), PermanentError, "refuses access: who are you"),
        (403, said("not from here"), PermanentError, "not from here"),
        (402, said("pay"), PermanentError, "credit"),
        (404, said("no such model", "model_not_found"), PermanentError, "model 'm'"),
        (405, b"", PermanentError, "(405)"),
        (501, said("not supported", 501, "not_supported_error"), PermanentError, "not supported"),
        (408, b"", TransientError, "(408)"),
        (409, b"", TransientError, "(409)"),
        (425, b"", TransientError, "(425)"),
        (429, said("slow down", "rate_limit_exceeded"), TransientError, "slow down"),
        (429, said("no credit", "insufficient_quota"), PermanentError, "credit"),
        (429, said("no credit", None, "insufficient_quota"), PermanentError, "credit"),
        (500, b"<html>", TransientError, "(500)"),
        (503, said("Loading model", 503, "unavailable_error"), TransientError, "Loading model"),
        (529, b"", TransientError, "(529)"),
    ],
)
def test_the_status_decides(status: int, body: Any, kind: type[BackendError], part: str) -> None:
    error = error_of(http(status, body))
    assert type(error) is kind
    assert part in error.message


def test_prose_decides_nothing() -> None:
    assert (
        type(error_of(http(500, said("maximum context length, invalid api key, insufficient_quota")))) is TransientError
    )


def test_a_server_message_is_short_and_on_one_line() -> None:
    error = error_of(http(400, said("line one\n\nline\x1b[31m two " + 500 * "long ")))
    assert "line one line[31m two" in error.message
    assert len(error.message) < 250


@pytest.mark.parametrize("echo", [KEY, f"'{KEY}'.", f"Bearer={KEY};", "sk-proj-********CRET", "sk-p***"])
@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_server_that_echoes_the_key_is_not_quoted(status: int, echo: str) -> None:
    error = error_of(http(status, said(f"Incorrect API key provided: {echo} Ask your admin.")))
    assert "Incorrect API key provided: [hidden] Ask your admin." in error.message
    assert "sk-p" not in error.message


def test_a_short_key_is_hidden_as_a_whole() -> None:
    error = error_of(http(401, said("wrong key: hush, hushhush and husky")), key=lambda name: "hush")
    assert error.message.endswith("wrong key: [hidden] [hidden] and husky")


def test_hints_name_the_variable() -> None:
    assert error_of(http(401, b"")).hint == "check the key in OPENAI_API_KEY"
    assert error_of(http(401, b""), name=None).hint == "no key was sent: name one, as in key=MY_KEY"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ((), None),
        (("Retry-After: 7",), 7.0),
        (("Retry-After: 0.25",), 0.25),
        (("retry-after-ms: 1500", "Retry-After: 2"), 1.5),
        (("Retry-After: Wed, 21 Oct 2015 07:28:30 GMT", "Date: Wed, 21 Oct 2015 07:28:00 GMT"), 30.0),
        (("Retry-After: Wed, 21 Oct 2015 07:28:30 GMT", "Date: Wed, 21 Oct 2015 07:29:00 GMT"), 0.0),
        (("Retry-After: Wed, 21 Oct 2015 07:28:30 GMT",), 0.0),
        (("x-ratelimit-remaining-requests: 0", "x-ratelimit-reset-requests: 6m0.5s"), 360.5),
        (
            (
                "x-ratelimit-remaining-requests: 9",
                "x-ratelimit-reset-requests: 1h",
                "x-ratelimit-remaining-tokens: 0",
                "x-ratelimit-reset-tokens: 120ms",
            ),
            0.12,
        ),
        (("Retry-After: soon",), None),
        (("Retry-After: -5",), None),
        (("Retry-After: nan",), None),
        (("Retry-After: inf", "x-ratelimit-remaining-tokens: 0", "x-ratelimit-reset-tokens: later"), None),
    ],
)
def test_the_servers_wish_to_be_left_alone(headers: tuple[str, ...], wait: float | None) -> None:
    error = error_of(http(429, said("slow down"), *headers))
    assert isinstance(error, TransientError)
    assert error.retry_after == (None if wait is None else pytest.approx(wait))


# Lost connections


@pytest.mark.parametrize(
    ("reply", "part"),
    [
        (b"", "closed before an answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "not HTTP"),
        (http(200, answer({"content": "x"}))[:-5], "cut short"),
    ],
)
def test_broken_answers_are_transient(reply: bytes, part: str) -> None:
    error = error_of(reply)
    assert isinstance(error, TransientError)
    assert part in error.message
    assert error.message.startswith("http://127.0.0.1")
    assert error.hint == "is the server running?"


def test_no_server() -> None:
    with pytest.raises(TransientError, match="connection refused") as caught:
        asyncio.run(ask(OpenAI("m", base_url="http://127.0.0.1:9/v1"), CHAT))
    assert "http://127.0.0.1:9/v1" in caught.value.message
    assert caught.value.hint == "is the server running?"


def test_time_out() -> None:
    with serve(fail={"hang": 1}) as server, pytest.raises(TransientError, match=r"no answer within 0\.1 s"):
        asyncio.run(ask(OpenAI("m", base_url=server.url, timeout=0.1), CHAT))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    async def main() -> tuple[BackendError, int]:
        async with canned(http(200, answer({"content": "got it"}))) as thief:
            there = thief.url.replace("127.0.0.1", "localhost")
            async with canned(http(status, b"", f"Location: {there}/chat/completions")) as server:
                with pytest.raises(PermanentError, match="redirects to localhost") as caught:
                    await ask(OpenAI("m", base_url=server.url, key="MY_KEY"), CHAT)
                return caught.value, len(thief.heads)

    error, stolen = asyncio.run(main())
    assert type(error) is PermanentError
    assert stolen == 0


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[ssl.SSLContext]:
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    try:
        subprocess.run(
            [*command.split(), "-keyout", "key.pem", "-out", "cert.pem"], cwd=tmp_path, check=True, stderr=-3
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the openssl command")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


def test_an_untrusted_certificate_ends_the_run_before_the_key_is_sent(self_signed: ssl.SSLContext) -> None:
    async def main() -> int:
        async with canned(http(200, answer({"content": "x"})), tls=self_signed) as server:
            with pytest.raises(PermanentError, match="certificate"):
                await ask(OpenAI("m", base_url=server.url, key="MY_KEY"), CHAT)
            return len(server.heads)

    assert asyncio.run(main()) == 0


# Connections


def asked_at_once(server: Server, concurrency: int, calls: int) -> None:
    async def main() -> None:
        async with OpenAI("m", base_url=server.url, concurrency=concurrency).open(no_secret) as session:
            requests = [Chat((Message("user", f"{n}"),)) for n in range(calls)]
            found = await asyncio.gather(*(session.complete(request) for request in requests))
            assert {completion.text[-5:] for completion in found} == {"[[A]]", "[[B]]"}
            assert server.stats()["opened_now"] == concurrency
        await asyncio.sleep(0.05)  # the server's side of the closing
        assert server.stats()["opened_now"] == 0

    asyncio.run(main())


def test_connections_are_bounded_kept_alive_and_closed() -> None:
    with serve(delay=0.01) as server:
        asked_at_once(server, concurrency=4, calls=60)
        stats = server.stats()
    assert stats["requests"] == 60
    assert stats["connections"] == 4
    assert stats["most_at_once"] == 4


def test_a_call_that_is_cancelled_leaves_the_session_usable() -> None:
    async def main() -> None:
        with serve(delay=0.05) as server:
            async with OpenAI("m", base_url=server.url, concurrency=1).open(no_secret) as session:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(session.complete(CHAT), 0.01)
                assert (await session.complete(CHAT)).finish == "stop"

    asyncio.run(main())


# Options


def test_options_are_parsed_from_text_and_data() -> None:
    text = {
        "model": "m",
        "base_url": "http://127.0.0.1:1/v1/",
        "timeout": "5",
        "concurrency": "3",
        "price_in": "1",
        "price_out": "2",
    }
    backend = build(OpenAI, text, "model 'm'", strict=False)
    assert (backend.base_url, backend.timeout, backend.slots, backend.prices) == (
        "http://127.0.0.1:1/v1",
        5.0,
        3,
        (1.0, 2.0),
    )
    backend = build(OpenAI, {"model": "m", "rpm": 30, "extra": {"cache_prompt": False}}, "model 'm'")
    assert backend.requests_per_minute == 30
    assert backend.extra == {"cache_prompt": False}
    assert OpenAI("m").prices is None
    assert OpenAI("m", price_in=0, price_out=0).prices == (0, 0)


def test_what_can_change_a_result() -> None:
    assert set(identity_options(OpenAI("m"))) == {"model", "base_url", "extra", "top_logprobs"}


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"base_url": "http://user:hunter2@host/v1"}, "more than an address"),
        ({"base_url": "http://hunter2@host/v1"}, "more than an address"),
        ({"base_url": "https://host/v1?key=hunter2"}, "more than an address"),
        ({"base_url": "host:8000/v1"}, "no address"),
        ({"base_url": "ftp://host/hunter2"}, "no address"),
        ({"base_url": "http://"}, "no address"),
        ({"base_url": "http://[::1/v1"}, "no address"),
        ({"base_url": "http://host:99999/v1"}, "no address"),
        ({"base_url": "http://ho st/v1"}, "no address"),
        ({"base_url": f"http://{64 * 'x'}/v1"}, "no address"),
        ({"key": "sk-hunter2"}, "no name of a secret"),
        ({"key": "hunter2"}, "no name of a secret"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"timeout": 0}, "timeout is 0"),
        ({"timeout": float("nan")}, "timeout is nan"),
        ({"rpm": -1}, "rpm is -1"),
        ({"price_in": 1}, "price_out"),
        ({"price_in": 1, "price_out": -1}, "negative"),
        ({"extra": {"stream": True}}, "'stream'"),
        ({"max_tokens_field": "tokens"}, "max_tokens_field"),
        ({"modle": "x"}, "unknown option"),
    ],
)
def test_wrong_options(values: dict[str, Any], part: str) -> None:
    with pytest.raises(ConfigError, match=part) as caught:
        build(OpenAI, {"model": "m", **values}, "model 'm'")
    assert "hunter2" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("url", "needed"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://notapi.openai.com.example.org/v1", False),
        ("http://127.0.0.1:8000/v1", False),
    ],
)
def test_only_openai_itself_needs_a_key_that_is_not_named(url: str, needed: bool) -> None:
    assert OpenAI("m", base_url=url).secrets == (("OPENAI_API_KEY",) if needed else ())
    assert OpenAI("m", base_url=url, key="MY_KEY").secrets == ("MY_KEY",)


def test_a_missing_or_malformed_key_is_told_before_anything_is_sent() -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY") as caught:
        asyncio.run(ask(OpenAI("m"), CHAT, no_secret))
    assert caught.value.hint == "export OPENAI_API_KEY=..."
    with pytest.raises(ConfigError, match="MY_KEY"):
        asyncio.run(ask(OpenAI("m", base_url="http://127.0.0.1:9/v1", key="MY_KEY"), CHAT, no_secret))
    for bad in ("sk-a\nX-Evil: 1", "sk-ключ"):
        with pytest.raises(ConfigError, match="blanks or non-ASCII") as caught:
            asyncio.run(ask(OpenAI("m"), CHAT, lambda name, bad=bad: bad))  # type: ignore[misc]
        assert bad not in caught.value.message + caught.value.hint


def test_nothing_shows_the_key() -> None:
    async def main() -> None:
        with serve(key=KEY) as server:
            backend = OpenAI("m", base_url=server.url, key="MY_KEY")
            async with backend.open(lambda name: f" {KEY}\n") as session:
                assert (await session.complete(CHAT)).finish == "stop"
                shown = [repr(backend), repr(session), str(session), repr(options(backend))]
                shown += [repr(getattr(session, name)) for name in type(session).__slots__]
            assert not any(KEY in text for text in shown)
            wrong = KEY.replace("SECRET", "WRONG")
            with pytest.raises(PermanentError, match="refuses access") as caught:
                await ask(backend, CHAT, lambda name: wrong)
            assert wrong not in "".join(traceback.format_exception(caught.value))

    asyncio.run(main())
