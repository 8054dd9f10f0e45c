"""The search for circles is put off, and what was before is restored."""

import gc

import pytest

from judgebench.core.collector import uncollected


def fails():
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise KeyError


@pytest.mark.parametrize("before", [True, False])
def test_it_is_put_off_and_restored_whatever_happens(before):
    if not before:
        gc.disable()
    try:
        with pytest.raises(KeyError):
            fails()
        assert gc.isenabled() == before
    finally:
        gc.enable()
