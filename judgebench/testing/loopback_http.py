"""The server behind `loopback`: a bare HTTP/1.1 on asyncio's protocols, with all answers rendered beforehand."""

import asyncio
import hashlib
import json
import math
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)")
_KEY = re.compile(rb"\r\n[Aa]uthorization: *([^\r]*)")
_REASONS = {200: "OK", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
_VERDICTS = (
    "Both answers address the question, but the first is more complete. My verdict: [[A]]",
    "Both answers address the question, but the second is more complete. My verdict: [[B]]",
)
_NONSENSE = "It is hard to say anything about this."


def _http(status: int, body: Any, *headers: str) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}", "Content-Type: application/json"]
    return "\r\n".join([*lines, f"Content-Length: {len(data)}", *headers, "", ""]).encode() + data


def _answer(choice: dict[str, Any]) -> bytes:
    usage = {"prompt_tokens": 1000, "completion_tokens": 20, "total_tokens": 1020}
    head = {"id": "loopback", "object": "chat.completion", "created": 0, "model": "loopback"}
    return _http(200, {**head, "choices": [{"index": 0, **choice}], "usage": usage})


def _chat(text: str) -> bytes:
    return _answer({"message": {"role": "assistant", "content": text}, "finish_reason": "stop", "logprobs": None})


def _next(p_a: float, tokens: str = "ABC") -> bytes:
    """One token with log-probs: `p_a` of 98 % for the first of `tokens`, the rest of it for the second."""
    shares = sorted(zip((0.98 * p_a, 0.98 * (1 - p_a), 0.02), tokens, strict=True), reverse=True)
    top = [{"token": token, "logprob": math.log(p), "bytes": [ord(token)]} for p, token in shares]
    content = [{**top[0], "top_logprobs": top}]
    message = {"role": "assistant", "content": top[0]["token"]}
    return _answer({"message": message, "finish_reason": "length", "logprobs": {"content": content}})


def _error(status: int, message: str, code: str, *headers: str) -> bytes:
    error = {"message": message, "type": "loopback_error", "param": None, "code": code}
    return _http(status, {"error": error}, *headers)


class Loopback:
    """What all connections share: rendered answers by the first byte of a digest, failures, counts."""

    def __init__(
        self,
        delay: float,
        calls: Path | None,
        key: str | None,
        replies: Sequence[str],
        fail: Sequence[tuple[str, int]],
        retry_after: float,
    ) -> None:
        chances = [(byte + 0.5) / 256 for byte in range(256)]
        texts = [replies[n % len(replies)] if replies else _VERDICTS[p < 0.5] for n, p in enumerate(chances)]
        self.chat = [_chat(text) for text in texts]
        self.text = [_answer({"text": text, "finish_reason": "stop"}) for text in texts]
        self.next = [_next(p) for p in chances]
        self.nonsense = (_chat(_NONSENSE), _answer({"text": _NONSENSE, "finish_reason": "stop"}), _next(0.5, "The"))
        self.failures = {
            "400": _error(400, "This model's maximum context length is 8 tokens.", "context_length_exceeded"),
            "429": _error(429, "Slow down.", "rate_limit_exceeded", f"Retry-After: {retry_after:g}"),
            "500": _error(500, "Something broke.", "server_error"),
            "malformed": _http(200, b'{"choices": ['),
            "truncated": self.chat[0][:-20],
            "redirect": _http(307, b"", "Location: http://127.0.0.2:9/v1/chat/completions"),
        }
        self.missing = _error(404, "There is no such path.", "not_found")
        self.delay, self.key, self.fail = delay, None if key is None else f"Bearer {key}".encode(), fail
        self.calls = None if calls is None else os.open(calls, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.counts = {"requests": 0, "connections": 0, "most_at_once": 0, "with_key": 0, "opened_now": 0}
        self.unanswered = 0

    def answer(self, head: bytes, body: bytes) -> tuple[str, bytes | None]:
        """What is said to a request (None: nothing), and in a word for the calls file."""
        path = head.split(b" ", 2)[1]
        sent = _KEY.search(head)
        self.counts["with_key"] += sent is not None
        if self.key is not None and (sent is None or sent[1] != self.key):
            shown = sent[1].decode("latin-1") if sent else "nothing"  # rude on purpose: clients must hide it
            return "401", _error(401, f"Incorrect API key provided: {shown}.", "invalid_api_key")
        kind = 0 if path.endswith(b"/chat/completions") else 1 if path.endswith(b"/completions") else None
        if kind is None:
            return "404", self.missing
        if kind == 0 and (b'"logprobs":true' in body or b'"logprobs": true' in body):
            kind = 2
        for name, every in self.fail:
            if self.counts["requests"] % every == 0:
                return name, self.nonsense[kind] if name == "nonsense" else self.failures.get(name)
        return "200", (self.chat, self.text, self.next)[kind][hashlib.blake2b(body, digest_size=8).digest()[0]]


class _Connection(asyncio.Protocol):
    def __init__(self, server: Loopback) -> None:
        self._server = server
        self._buffer = b""
        self._unanswered = 0
        self._counted = False  # not before its first request: asking for /stats does not show there
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.counts["opened_now"] -= self._counted
        self._server.unanswered -= self._unanswered  # nobody waits for these any more

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(buffer[:end].lower())
            stop = end + 4 + (int(found[1]) if found else 0)
            if len(buffer) < stop:
                break
            self._receive(buffer[:end], buffer[end + 4 : stop])
            buffer = buffer[stop:]
        self._buffer = buffer

    def _receive(self, head: bytes, body: bytes) -> None:
        server = self._server
        counts = server.counts
        if head.startswith(b"GET /stats"):
            self._transport.write(_http(200, counts, "Connection: close"))
            self._transport.close()
            return
        if not self._counted:
            self._counted = True
            counts["connections"] += 1
            counts["opened_now"] += 1
        counts["requests"] += 1
        self._unanswered += 1
        server.unanswered += 1
        counts["most_at_once"] = max(counts["most_at_once"], server.unanswered)
        word, data = server.answer(head, body)
        if server.calls is not None:
            os.write(server.calls, f"{hashlib.blake2b(body, digest_size=8).hexdigest()} {word}\n".encode())
        if word == "hang":
            return
        if server.delay > 0:
            asyncio.get_running_loop().call_later(server.delay, self._send, data, word)
        else:
            self._send(data, word)

    def _send(self, data: bytes | None, word: str) -> None:
        if self._transport.is_closing():
            return
        self._unanswered -= 1
        self._server.unanswered -= 1
        if data is not None:
            self._transport.write(data)
        if data is None or word == "truncated":
            self._transport.close()


def run(state: Loopback, port: int, lifeline: bool) -> None:
    """Print the address and serve; with `lifeline` until the standard input ends."""
    asyncio.run(_serve(state, port, lifeline))


async def _serve(state: Loopback, port: int, lifeline: bool) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(state), "127.0.0.1", port, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    ended = asyncio.Event()
    if lifeline:
        loop.add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
