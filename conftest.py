"""What all tests share: who begins first, and how threads wait."""

import os

import pytest

os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # before torch is loaded: its threads give way to other workers'
LONGEST = ("tests/e2e/", "tests/parity/", "tests/docs/", "tests/cli/", "plugins/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take longest begin first, so that no worker is left alone with them at the end."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((k for k, part in enumerate(LONGEST) if item.nodeid.startswith(part)), len(LONGEST))
