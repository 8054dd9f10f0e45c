"""The public kit for testing plugins, and our own tests: what needs no model, no key and no network.

`conformance` gives the checks that every component of a kind passes; `Asking` stands in for the models behind a judge
or a policy; `serve` is an OpenAI-compatible server on 127.0.0.1; `strategies` draws what components meet, by
Hypothesis. `judgebench.testing.fixtures` is a pytest plugin with the like. Names are imported on first use; nothing
here is imported by judgebench itself but by `judgebench plugin check`.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "Answering": "answering",
    "Asked": "asking",
    "Asking": "asking",
    "Check": "check",
    "NotChecked": "check",
    "NotConforming": "check",
    "Opened": "opened",
    "Server": "loopback",
    "conformance": "suites",
    "make_all": "check",
    "no_secret": "opened",
    "serve": "loopback",
}
__all__ = [*_HOME, "strategies"]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name == "strategies":
        return import_module("judgebench.testing.strategies")
    if name not in _HOME:
        raise AttributeError(f"module 'judgebench.testing' has no attribute '{name}'")
    room = import_module(f"judgebench.testing.{_HOME[name]}")
    return getattr(room, name)
