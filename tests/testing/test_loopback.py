import asyncio
import http.client
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from judgebench.testing.loopback import Server, serve

BODY = {"model": "m", "messages": [{"role": "user", "content": "Which is better?"}]}


def post(
    server: Server, body: Any, path: str = "/chat/completions", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def choice(server: Server, body: Any, path: str = "/chat/completions") -> Any:
    status, _, data = post(server, body, path)
    assert status == 200
    return json.loads(data)["choices"][0]


def bodies(count: int) -> list[dict[str, Any]]:
    return [{**BODY, "seed": seed} for seed in range(count)]


@pytest.fixture(scope="module")
def server() -> Any:
    with serve() as running:
        yield running


def test_equal_requests_get_equal_answers(server: Server) -> None:
    said = [choice(server, body)["message"]["content"] for body in bodies(20)]
    assert {text[-5:] for text in said} == {"[[A]]", "[[B]]"}
    assert said == [choice(server, body)["message"]["content"] for body in bodies(20)]


def test_logprobs(server: Server) -> None:
    for body in bodies(5):
        found = choice(server, {**body, "logprobs": True, "top_logprobs": 20})
        top = found["logprobs"]["content"][0]["top_logprobs"]
        assert {entry["token"] for entry in top} == {"A", "B", "C"}
        assert [entry["logprob"] for entry in top] == sorted((entry["logprob"] for entry in top), reverse=True)
        assert found["message"]["content"] == top[0]["token"]


def test_raw_text(server: Server) -> None:
    assert choice(server, {"prompt": "x"}, "/completions")["text"][-5:] in ("[[A]]", "[[B]]")


def test_unknown_path(server: Server) -> None:
    assert post(server, BODY, "/nowhere")[0] == 404


def test_replies_and_calls(tmp_path: Path) -> None:
    with serve(replies=("one", "-two=2\n"), calls=tmp_path / "calls.txt") as server:
        said = [choice(server, body)["message"]["content"] for body in [*bodies(10), BODY, BODY]]
        assert set(said) == {"one", "-two=2\n"}
        calls = server.calls()  # written at once: the server still runs
        assert len(calls) == 12
        assert len({digest for digest, _ in calls}) == 11
        assert calls[-1] == calls[-2]
        assert {outcome for _, outcome in calls} == {"200"}
    with serve(calls=tmp_path / "calls.txt") as server:  # a second server appends
        post(server, BODY)
        assert len(server.calls()) == 13


def test_every_nth_request_fails(tmp_path: Path) -> None:
    with serve(fail={"429": 3, "500": 2}, calls=tmp_path / "calls.txt", retry_after=0.25) as server:
        found = [post(server, body) for body in bodies(6)]
        assert [status for status, _, _ in found] == [200, 500, 429, 500, 200, 429]
        assert found[2][1]["Retry-After"] == "0.25"
        assert [outcome for _, outcome in server.calls()] == ["200", "500", "429", "500", "200", "429"]


def test_kinds_of_failure() -> None:
    with serve(fail={"400": 1}) as server:
        status, _, data = post(server, BODY)
        assert (status, json.loads(data)["error"]["code"]) == (400, "context_length_exceeded")
    with serve(fail={"malformed": 1}) as server, pytest.raises(json.JSONDecodeError):
        choice(server, BODY)
    with serve(fail={"nonsense": 1}) as server:
        assert "[[" not in choice(server, BODY)["message"]["content"]
        top = choice(server, {**BODY, "logprobs": True})["logprobs"]["content"][0]["top_logprobs"]
        assert {"A", "B"}.isdisjoint(entry["token"] for entry in top)
    with serve(fail={"truncated": 1}) as server, pytest.raises(http.client.IncompleteRead):
        post(server, BODY)


def test_hang_and_drop() -> None:
    with serve(fail={"drop": 2, "hang": 1}) as server:
        port = int(server.url.split(":")[2].split("/")[0])
        request = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
        with (
            socket.create_connection(("127.0.0.1", port)) as first,
            socket.create_connection(("127.0.0.1", port)) as second,
        ):
            first.sendall(request)
            first.settimeout(0.1)
            with pytest.raises(TimeoutError):
                first.recv(1)
            second.sendall(request)
            assert second.recv(1) == b""


def test_key() -> None:
    with serve(key="sk-test") as server:
        assert post(server, BODY)[0] == 401
        status, _, data = post(server, BODY, Authorization="Bearer sk-wrong")
        assert status == 401
        assert b"sk-wrong" in data  # as rude as real servers are
        assert post(server, BODY, Authorization="Bearer sk-test")[0] == 200
        assert server.stats()["with_key"] == 2


def test_one_connection_serves_many_requests_however_they_are_cut() -> None:
    body = json.dumps(BODY).encode()
    request = b"POST /v1/chat/completions HTTP/1.1\r\ncontent-LENGTH: %d\r\n\r\n%s" % (len(body), body)

    async def main(server: Server) -> None:
        port = int(server.url.split(":")[2].split("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        stream = request * 3
        for at in range(0, len(stream), 7):
            writer.write(stream[at : at + 7])
            await writer.drain()
        for _ in range(3):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK")
            await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
        writer.close()
        await writer.wait_closed()

    with serve() as server:
        asyncio.run(main(server))
        stats = server.stats()
        assert (stats["requests"], stats["connections"], stats["most_at_once"]) == (3, 1, 1)


def test_delay() -> None:
    with serve(delay=0.1) as server:
        start = time.perf_counter()
        post(server, BODY)
        assert time.perf_counter() - start >= 0.1


def test_it_ends_with_the_block_and_with_its_parent() -> None:
    with serve() as server:
        assert server.stats()["requests"] == 0
    with pytest.raises(urllib.error.URLError):
        server.stats()
    command = [sys.executable, "-m", "judgebench.testing.loopback", "--lifeline"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.stdin.close()
        assert process.wait(5) == 0


def test_wrong_flags() -> None:
    command = [sys.executable, "-m", "judgebench.testing.loopback", "--fail", "418:1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "KIND:N" in done.stderr
