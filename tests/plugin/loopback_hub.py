"""A hub of datasets on loopback, with as much of the hub's form as huggingface_hub asks for."""

import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

OLD, NEW = "a" * 40, "b" * 40
ERRORS = {"gated": (403, "GatedRepo"), "hidden": (401, "RepoNotFound"), "forbidden": (403, ""), "down": (503, "")}


class Hub:
    """`files[revision, "OWNER/NAME/FILE"]` are served; `broken[repo]` is one of ERRORS; `main` is what is newest.

    `asked` lists what was asked for, `tokens` what came as authorization. A file in `torn` stops in its middle, sets
    `halfway` and waits for `go_on`.
    """

    def __init__(self):
        self.files, self.broken, self.main, self.url = {}, {}, NEW, ""
        self.asked, self.tokens, self.torn = [], set(), set()
        self.halfway, self.go_on = threading.Event(), threading.Event()

    def answer(self, path):
        """Status, error code, revision and bytes for a path datasets/OWNER/NAME/resolve/REVISION/FILE."""
        parts = unquote(path).strip("/").split("/")
        if parts[0] != "datasets" or len(parts) < 6:
            return 404, "", None, b""
        repo, revision, name = "/".join(parts[1:3]), parts[4], "/".join(parts[5:])
        self.asked.append((f"{repo}/{name}", revision))
        if repo in self.broken:
            return *ERRORS[self.broken[repo]], None, b""
        commit = self.main if revision == "main" else revision
        if commit not in {held for held, _ in self.files}:
            return 404, "RevisionNotFound", None, b""
        if (data := self.files.get((commit, f"{repo}/{name}"))) is None:
            return 404, "EntryNotFound", commit, b""
        return 200, "", commit, data


@contextmanager
def serve_hub():
    """A hub while the block runs; `hub.url` is its address."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.reply(body=False)

        def do_GET(self):
            self.reply(body=True)

        def reply(self, body):
            status, code, commit, data = hub.answer(self.path)
            if self.path.startswith("/datasets/"):
                hub.tokens.add(self.headers.get("Authorization"))
            self.send_response(status)
            if code:
                self.send_header("X-Error-Code", code)
            if commit:
                self.send_header("X-Repo-Commit", commit)
                self.send_header("ETag", f'"{hashlib.sha1(data).hexdigest()}"')
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if not body:
                return
            middle = len(data) // 2
            self.wfile.write(data[:middle])
            self.wfile.flush()
            if any(self.path.endswith(name) for name in hub.torn):
                hub.halfway.set()
                hub.go_on.wait(20)
            self.wfile.write(data[middle:])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


def turn_to(hub_url, cache, monkeypatch):
    """Let huggingface_hub in this process ask another hub, with an empty cache, no token and no patience."""
    from huggingface_hub import constants
    from huggingface_hub.utils import _http

    monkeypatch.setattr(constants, "ENDPOINT", hub_url)
    monkeypatch.setattr(
        constants, "HF_HUB_OFFLINE", False
    )  # the library may have been loaded by a test that was offline
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub_url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(cache / "no-token"))
    monkeypatch.setattr(_http.time, "sleep", lambda seconds: None)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "JUDGEBENCH_DATA"):
        monkeypatch.delenv(name, raising=False)
