"""Benches of statistics run BLAS as judgebench does: on one thread."""

import sys

import pytest
from threadpoolctl import threadpool_info, threadpool_limits


class Seen(Exception):
    pass


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("length_control", "--refits 2"),
        ("significance", "--clusters 20 --subjects 3 --resamples 50"),
        ("style_control", "--refits 2 --data nowhere"),
        ("coverage", "--studies 10 --resamples 50"),
    ],
)
def test_blas_has_one_thread_where_resamples_are_drawn(name, options, script, monkeypatch):
    module = script(name)
    threads = []

    def drawn(*_):
        threads.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        raise Seen

    monkeypatch.setattr(module, "bootstrap_counts", drawn)
    monkeypatch.setattr(sys, "argv", [name, *options.split()])
    with threadpool_limits(2, user_api="blas"), pytest.raises(Seen):
        module.main()
    assert threads
    assert set(threads) == {1}
