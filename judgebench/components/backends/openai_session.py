"""The connections of `openai`: the one file that speaks HTTP. Imported when a model is opened."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from judgebench.components.backends.openai_faults import failure
from judgebench.components.backends.openai_wire import Place, Unreadable, Wire, completion
from judgebench.core.errors import BackendError, PermanentError, RequestError, TransientError
from judgebench.core.request import Completion, NextToken, Request

_CONNECT_SECONDS = 30.0


@asynccontextmanager
async def connected(place: Place, wire: Wire, limit: int, timeout: float) -> AsyncIterator["OpenAISession"]:
    """A session with at most `limit` connections, all of them closed on exit; `timeout` in seconds per request."""
    headers = {"Content-Type": "application/json"}
    if place.key is not None:
        headers["Authorization"] = f"Bearer {place.key}"
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=limit),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=headers,
        timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=min(_CONNECT_SECONDS, timeout)),
    ) as http:
        yield OpenAISession(http, place, wire, timeout)


class OpenAISession:
    """Answers requests; every failure is one of the three backend errors."""

    __slots__ = ("_gave_logprobs", "_http", "_place", "_timeout", "_urls", "_wire")

    def __init__(self, http: aiohttp.ClientSession, place: Place, wire: Wire, timeout: float) -> None:
        self._http, self._place, self._wire, self._timeout = http, place, wire, timeout
        self._urls = {path: URL(place.base_url + path) for path in ("/chat/completions", "/completions")}
        self._gave_logprobs = False

    async def complete(self, request: Request) -> Completion:
        """Ask the server. TransientError, RequestError or PermanentError by what went wrong."""
        path, body = self._wire.body(request)
        try:
            async with self._http.post(self._urls[path], data=body, allow_redirects=False) as response:
                data = await response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise self._lost(error) from None
        if not 200 <= response.status < 300:
            raise failure(response.status, response.headers, data, self._place)
        try:
            answer = completion(data, request)
        except Unreadable as error:
            raise TransientError(f"{self._place.base_url}: {self._place.quote(str(error))}") from None
        if isinstance(request, NextToken):
            self._check_logprobs(answer)
        return answer

    def _check_logprobs(self, answer: Completion) -> None:
        """Until one answer has brought log-probs, their absence is the server's fault; after that the request's."""
        if answer.logprobs:
            self._gave_logprobs = True
        elif answer.finish != "content_filter":
            kind = RequestError if self._gave_logprobs else PermanentError
            raise kind(
                f"{self._place.base_url} gave no log-probs for '{self._place.model}'",
                "use a judge that reads a written verdict, or a server that gives log-probs",
            )

    def _lost(self, error: Exception) -> BackendError:
        url = self._place.base_url
        if isinstance(error, TimeoutError):
            hint = "raise `timeout`, or lower `concurrency`"
            return TransientError(f"{url}: no answer within {self._timeout:g} s", hint)
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            hint = "check base_url, and the certificates that this machine trusts"
            return PermanentError(f"{url}: its TLS certificate cannot be verified", hint)
        return TransientError(f"{url}: {_why(error)}", "is the server running?")


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientPayloadError, "the answer was cut short"),
    (aiohttp.ServerDisconnectedError, "the connection was closed before an answer came"),
    (aiohttp.ClientResponseError, "the answer is not HTTP"),
    (aiohttp.ClientConnectorDNSError, "the host's name cannot be resolved"),
    (aiohttp.ClientSSLError, "no TLS connection can be made"),
)


def _why(error: Exception) -> str:
    """What was lost, by the exception's class and errno: its text may hold anything."""
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number).lower() if number else "the connection failed"
