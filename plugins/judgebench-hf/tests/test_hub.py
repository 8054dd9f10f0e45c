"""The hub's side, against a server on loopback: HF_ENDPOINT is read at import, hence the processes."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from hf_kit import write_adapter, write_checkpoint

COMMIT = "c" * 40
CHILD = """
import sys
from judgebench import JudgebenchError
from judgebench_hf import hub, places
from judgebench_hf.backend import HuggingFace
hub.PATIENCE = float(sys.argv.pop())
try:
    backend = HuggingFace(model=sys.argv[1], revision=sys.argv[3] if len(sys.argv) > 3 else None)
    print(sorted(backend.fingerprint().items()))
    if sys.argv[2] == "fetch":
        found = backend.checkpoint()
        for place in (found.model, found.adapter):
            if place is not None:
                print(sorted(path.name for path in place.local().iterdir()))
except JudgebenchError as error:
    print(type(error).__name__, error.message, error.hint, sep="\\n")
"""


class Hub(BaseHTTPRequestHandler):
    """A hub with the repositories of `repos`: a folder each."""

    repos: Mapping[str, Path] = {}

    def answer(self) -> None:
        for name, folder in self.repos.items():
            files = sorted(path.name for path in folder.iterdir())
            if self.path.startswith(f"/api/models/{name}/tree/"):
                tree = [{"type": "file", "path": file, "size": 1, "oid": "0" * 40} for file in files]
                return self._send(json.dumps(tree).encode())
            if self.path.split("?")[0] in (f"/api/models/{name}", *self._revisions(name)):
                siblings = [{"rfilename": file} for file in files]
                told = {"id": name, "modelId": name, "sha": COMMIT, "siblings": siblings, "tags": [], "downloads": 0}
                return self._send(json.dumps(told).encode())
            for file in files:
                if self.path in (f"/{name}/resolve/{at}/{file}" for at in (COMMIT, "main")):
                    return self._send((folder / file).read_bytes())
            if self.path.startswith(f"/{name}/"):
                return self._send(b"", 404, "EntryNotFound")
        return self._send(b'{"error": "Repository not found"}', 404, "RepoNotFound")

    def _revisions(self, name: str) -> list[str]:
        return [f"/api/models/{name}/revision/{at}" for at in (COMMIT, "main")]

    def _send(self, body: bytes, status: int = 200, error: str = "") -> None:
        self.send_response(status)
        if error:
            self.send_header("X-Error-Code", error)
        self.send_header("ETag", f'"{len(body)}-{hash(body)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET = answer

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving(repos: Mapping[str, Path]) -> Iterator[str]:
    handler = type("Handler", (Hub,), {"repos": repos})
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


def ask(endpoint: str, home: Path, *arguments: str, patience: float = 30.0) -> str:
    """What the child prints. A busy machine answers late: only who waits for nothing is to wait briefly."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGING"))}
    environment |= {"HF_ENDPOINT": endpoint, "HF_HOME": str(home / "hf"), "NO_PROXY": "127.0.0.1"}
    environment |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-c", CHILD, *arguments, str(patience)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_model_on_the_hub_is_its_commit(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "model")
    (model / "training_args.bin").write_bytes(b"none of ours")
    with serving({"nobody/tiny": model}) as endpoint:
        told = ask(endpoint, tmp_path, "nobody/tiny", "fetch")
    assert told.splitlines()[0] == f"[('model', 'nobody/tiny@{COMMIT}')]"
    assert "model.safetensors" in told
    assert "training_args.bin" not in told
    with silent() as endpoint:
        assert ask(endpoint, tmp_path, "nobody/tiny", "fetch", patience=1.0) == told


def test_an_adapter_on_the_hub_brings_its_model(tmp_path: Path) -> None:
    adapter = write_adapter(tmp_path / "adapter", "nobody/tiny", {"lora": (2, 2)})
    with serving({"nobody/lora": adapter, "nobody/tiny": write_checkpoint(tmp_path / "model")}) as endpoint:
        told = ask(endpoint, tmp_path, "nobody/lora", "fetch")
    assert told.splitlines()[0] == f"[('adapter', 'nobody/lora@{COMMIT}'), ('model', 'nobody/tiny@{COMMIT}')]"
    assert "adapter_model.safetensors" in told.splitlines()[2]


def test_the_wrong_kind_is_refused_by_its_settings_alone(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "model", {"architectures": ["LlamaForSequenceClassification"]})
    with serving({"nobody/reward": model}) as endpoint:
        told = ask(endpoint, tmp_path, "nobody/reward", "fingerprint")
    assert told.splitlines()[0] == "ConfigError"
    assert "ask it as hf-reward:nobody/reward" in told
    assert not list(tmp_path.glob("hf/**/model.safetensors"))


def test_a_name_that_nobody_has(tmp_path: Path) -> None:
    with serving({}) as endpoint:
        told = ask(endpoint, tmp_path, "ckpts/iter2", "fingerprint")
    assert told.splitlines()[0] == "ConfigError"
    assert "'ckpts/iter2' is no folder here, and the hub refuses it" in told


def test_a_silent_hub_costs_seconds(tmp_path: Path) -> None:
    with silent() as endpoint:
        told = ask(endpoint, tmp_path, "nobody/tiny", "fingerprint", patience=1.0)
    assert told.splitlines()[0] == "Unreachable"
    assert "give the path of a folder" in told
