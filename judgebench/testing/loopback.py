"""An OpenAI-compatible server on 127.0.0.1 that costs next to nothing, for tests and benchmarks.

    python -m judgebench.testing.loopback --port 0 --delay 0.05 --calls calls.txt --fail 429:10

prints its address and serves until it is killed; `serve(...)` does the same around a `with` block.
Answers are chosen by a digest of the request's body: equal bodies get equal answers. They end in
[[A]] or [[B]], and log-probs are those of the tokens A, B and C, of which the text's is the likelier.
`GET /stats` tells what has been counted.
"""

import argparse
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Failure = Literal["400", "429", "500", "malformed", "truncated", "nonsense", "drop", "hang", "redirect"]
"""Context overflow; too many requests, with Retry-After; server error; broken JSON; a body that ends
early; a text without a verdict; a connection closed without an answer; no answer at all; a redirect
to another host."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: `url` is the base URL to give a client, `calls_file` where its requests are listed."""

    url: str
    calls_file: Path | None

    def stats(self) -> dict[str, int]:
        """Counts of requests, connections, opened_now (connections), with_key, and most_at_once.

        The last is the largest number of unanswered requests: 1 without a delay, when each is
        answered as it is read. Asking for this is itself not counted.
        """
        with urllib.request.urlopen(self.url.removesuffix("/v1") + "/stats", timeout=10) as response:
            found: dict[str, int] = json.load(response)
            return found

    def calls(self) -> list[tuple[str, str]]:
        """(digest of the body, what was answered) of each request, in the order they came."""
        assert self.calls_file is not None, "serve() was given no calls file"
        lines = self.calls_file.read_text().splitlines()
        return [(digest, outcome) for digest, outcome in (line.split() for line in lines)]


@contextmanager
def serve(
    *,
    delay: float = 0.0,
    calls: Path | None = None,
    key: str | None = None,
    replies: Sequence[str] = (),
    fail: Mapping[Failure, int] | None = None,
    retry_after: float = 1.0,
    port: int = 0,
) -> Iterator[Server]:
    """A server in a process of its own while the block runs; it ends with this process too.

    Args:
        delay: seconds before each answer.
        calls: file to which a line is added for each request as it comes; never truncated.
        key: refuse requests without this bearer token.
        replies: texts instead of the standard ones, chosen by the request's digest.
        fail: kind of failure → n: every n-th request fails so; of several that are due, the first.
        retry_after: seconds in the Retry-After of a 429.
        port: 0 takes a free one.
    """
    command = [sys.executable, "-m", "judgebench.testing.loopback", "--lifeline", f"--port={port}", f"--delay={delay}"]
    command += [f"--retry-after={retry_after}", *(f"--reply={text}" for text in replies)]
    command += [f"--fail={kind}:{n}" for kind, n in (fail or {}).items()]
    command += [f"--calls={calls}"] if calls else []
    command += [f"--key={key}"] if key else []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError("the loopback server did not start")
            yield Server(url, calls)
        finally:
            process.stdin.close()
            process.terminate()


def _failure(text: str) -> tuple[str, int]:
    kind, _, n = text.partition(":")
    if kind not in get_args(Failure) or not n.isdigit() or int(n) < 1:
        raise argparse.ArgumentTypeError("KIND:N, where KIND is one of " + ", ".join(get_args(Failure)))
    return kind, int(n)


def main() -> None:
    """Read the flags and serve."""
    description = "An OpenAI-compatible server on 127.0.0.1 for tests and benchmarks."
    parser = argparse.ArgumentParser(prog="python -m judgebench.testing.loopback", description=description)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--calls", type=Path, help="file that gets a line per request")
    parser.add_argument("--key", help="refuse requests without this bearer token")
    parser.add_argument("--reply", action="append", default=[], help="a text to answer with; may be repeated")
    parser.add_argument("--fail", type=_failure, action="append", default=[], metavar="KIND:N", help="every N-th fails")
    parser.add_argument("--retry-after", type=float, default=1.0, help="seconds that a 429 asks for")
    parser.add_argument("--lifeline", action="store_true", help="end when the standard input does")
    given = parser.parse_args()

    from judgebench.testing.loopback_http import Loopback, run

    state = Loopback(given.delay, given.calls, given.key, given.reply, given.fail, given.retry_after)
    run(state, given.port, given.lifeline)


if __name__ == "__main__":
    main()
