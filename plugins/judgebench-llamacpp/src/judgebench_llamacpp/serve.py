"""Serve a GGUF model as an OpenAI-compatible server on 127.0.0.1, by the very engine of the backend `llamacpp`.

    python -m judgebench_llamacpp.serve smollm2-135m --port 0 --deterministic

prints the base URL once the model is loaded, and serves until it is told to end (SIGTERM, Ctrl-C).
"""

import argparse
import signal
import sys
from collections.abc import Sequence

from judgebench import JudgebenchError
from judgebench_llamacpp import engine, weights
from judgebench_llamacpp.backend import LlamaCpp

HOST = "127.0.0.1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Load, print the base URL, serve."""
    parser = argparse.ArgumentParser(prog="python -m judgebench_llamacpp.serve", description=__doc__.split("\n")[0])
    parser.add_argument("model", metavar="MODEL", help="as the backend's option `model`")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--n-ctx", type=int, default=4096, help="context of one slot in tokens")
    parser.add_argument("--parallel", type=int, default=4, help="slots: requests answered at once")
    parser.add_argument("--threads", type=int, help="threads for computing; default: all usable cores")
    parser.add_argument("--deterministic", action="store_true", help="one slot, no prompt cache")
    parser.add_argument("--chat-template", metavar="FILE", help="instead of the model's own")
    given = vars(parser.parse_args(arguments))
    port = given.pop("port")
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # before the engine's threads begin: they inherit it
    try:
        backend = LlamaCpp(**given)
        server = engine.load(weights.resolve(backend.model), backend.settings(), HOST, port)
    except JudgebenchError as error:
        print(f"error: {error.message}\nhint: {error.hint}", file=sys.stderr)
        return error.exit_code
    print(f"{server.listening_address}/v1", flush=True)
    signal.sigwait(signals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
