"""What all tests share: who begins first, how threads wait, and that an interrupt is one."""

import os
import signal

import pytest

os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # before torch is loaded: its threads give way to other workers'
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background job: tests interrupt their children
    signal.signal(signal.SIGINT, signal.default_int_handler)
LONGEST = ("tests/e2e/", "tests/parity/", "tests/docs/", "tests/cli/", "plugins/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take longest begin first, so that no worker is left alone with them at the end."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((k for k, part in enumerate(LONGEST) if item.nodeid.startswith(part)), len(LONGEST))
