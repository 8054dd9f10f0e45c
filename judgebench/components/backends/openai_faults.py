"""HTTP errors of OpenAI-compatible servers, as the three backend errors: by status and code, never by prose."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from judgebench.components.backends.openai_wire import Place
from judgebench.core.errors import BackendError, PermanentError, RequestError, TransientError

_OVERFLOW = frozenset({"context_length_exceeded", "exceed_context_size_error"})
"""OpenAI's code, and llama.cpp's type."""
_NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_UNSUPPORTED = frozenset({"unsupported_parameter", "unsupported_value"})
_WAIT_AND_SEE = frozenset({408, 409, 425, 429})
_REFUSED = frozenset({400, 413, 422})


def failure(status: int, headers: Mapping[str, str], body: bytes, place: Place) -> BackendError:
    """The error for an answer without success.

    Refusals of one request are RequestErrors, what may pass is Transient (with the server's wish
    when to come back), and all that would meet every request alike is Permanent.
    """
    message, codes = _said(body)
    said = place.quote(message) or "no reason given"
    where = f"{place.base_url} ({status})"
    if codes & _OVERFLOW:
        return RequestError(f"context overflow: {said}", "the model's context is too small for this request")
    if (reason := _for_all(status, codes, place)) is not None:
        return PermanentError(f"{where} {reason[0]}: {said}", reason[1])
    if 300 <= status < 400:
        target = place.quote(urlsplit(headers.get("location", "")).netloc) or "elsewhere"
        return PermanentError(f"{where} redirects to {target}", "redirects are not followed: set base_url to the end")
    if status in _REFUSED:
        return RequestError(f"the server refuses the request ({status}): {said}")
    if status in _WAIT_AND_SEE or (status >= 500 and status != 501):
        return TransientError(f"{where}: {said}", "the server is busy or ill", retry_after(headers))
    return PermanentError(f"{where}: {said}", "is this an OpenAI-compatible server?")


def _for_all(status: int, codes: frozenset[str], place: Place) -> tuple[str, str] | None:
    """What is wrong with every request alike, and what to do about it; None when this one alone may be at fault."""
    if codes & _NO_CREDIT or status == 402:
        return "says that the account's credit is used up", "top it up, then run again to continue"
    if status in (401, 403) or "invalid_api_key" in codes:
        hint = f"check the key in {place.key_name}" if place.key else "no key was sent: name one, as in key=MY_KEY"
        return "refuses access", hint
    if status == 404 or "model_not_found" in codes:
        hint = "check the model's name, and that base_url ends as the server wants it (mostly in /v1)"
        return f"does not know this path or the model '{place.model}'", hint
    if codes & _UNSUPPORTED:
        hint = "leave a field out with `extra: {temperature: null}`; see max_tokens_field for the token limit"
        return "does not support a field of the request", hint
    return None


def _said(body: bytes) -> tuple[str, frozenset[str]]:
    """An error body's message, and its code and type, in the forms that servers use; else nothing."""
    try:
        data: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", frozenset()
    if isinstance(data, list) and data:
        data = data[0]  # Gemini
    error = (data.get("error") or data) if isinstance(data, dict) else data
    if not isinstance(error, dict):
        return (error if isinstance(error, str) else ""), frozenset()
    message = error.get("message") or error.get("detail") or ""  # FastAPI's detail may be a list of objects
    text = message if isinstance(message, str) else msgspec.json.encode(message).decode()
    return text, frozenset(str(error[key]) for key in ("code", "type") if error.get(key))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server wishes to be left alone, None where it does not say.

    Reads `retry-after-ms`, then `retry-after` (seconds, or a date, RFC 9110 section 10.2.3), then
    OpenAI's `x-ratelimit-reset-requests` and `-tokens` where nothing remains of that kind.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    if (text := headers.get("retry-after")) is not None:
        if (seconds := _number(text)) is not None:
            return seconds
        if (date := _date(text)) is not None:
            now = _date(headers.get("date", "")) or datetime.now(UTC)  # the server's own clock, where it tells
            return max(0.0, (date - now).total_seconds())
    waits = (
        _duration(headers.get(f"x-ratelimit-reset-{kind}", ""))
        for kind in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{kind}") == "0"
    )
    return max((wait for wait in waits if wait is not None), default=None)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _duration(text: str) -> float | None:
    """Seconds of a duration such as 6m0s, 1.5s or 120ms."""
    if not re.fullmatch(r"(?:[\d.]+(?:ms|[hms]))+", text):
        return None
    unit = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    parts = [(_number(number), unit[name]) for number, name in re.findall(r"([\d.]+)(ms|[hms])", text)]
    return sum(number * seconds for number, seconds in parts if number is not None)
