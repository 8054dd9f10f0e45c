"""The cache between processes: opened at once, written at once, killed."""

import multiprocessing
import sqlite3
import threading
from pathlib import Path

import drawn
from drawn import last, program, usable

from judgebench.core.request import Completion
from judgebench.store.cache import Cache


def test_processes_share_a_cache_from_its_first_moment(path: Path) -> None:
    processes, keys = 4, 160
    spawn = multiprocessing.get_context("spawn")
    start, results = spawn.Barrier(processes), spawn.Queue()
    started = [spawn.Process(target=drawn.share, args=(str(path), me, keys, start, results)) for me in range(processes)]
    for process in started:
        process.start()
    seen: list[dict[int, set[str]]] = [results.get(timeout=30) for _ in started]
    for process in started:
        process.join(30)
        assert process.exitcode == 0
    cache = Cache(path)
    whole_texts = {f"{me} " * 2000 for me in range(processes)}
    for number in range(keys):
        stands = cache.get(Cache.key(number))
        assert stands is not None
        assert stands.text in whole_texts
        assert set().union(*(one[number] for one in seen)) == {stands.text}  # nobody ever saw another value
    cache.close()
    results.close()


def test_opening_waits_for_a_process_that_is_creating_the_cache(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    other.execute("create table completions (key blob primary key, value blob not null) without rowid")
    later = threading.Timer(0.2, lambda: other.execute("commit"))
    later.start()
    try:
        assert usable(path)
    finally:
        later.join()
        other.close()


def test_a_kill_in_the_middle_leaves_all_that_was_put(path: Path) -> None:
    for more in (1, 25):
        with program(drawn.__file__, "cache", str(path)) as (writer, output):
            said = [output.readline() for _ in range(more)]
            reader = Cache(path)  # beside the one that writes
            assert reader.get(Cache.key(0, 0)) == Completion("0" * 500)
            reader.close()
            writer.kill()
            said += output.readlines()
        written = last(said)
        cache = Cache(path)
        for number in range(written + 2):
            batch = {cache.get(Cache.key(number, part)) for part in range(3)}
            assert batch == {Completion(f"{number}" * 500)} or (number >= written and batch == {None})
        cache.close()
        assert usable(path)
        path.unlink()
