import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from judgebench_lm_eval.backend import LmEval

sys.path.insert(0, str(Path(__file__).parent))

from lm_eval_kit import Tasks, write_tasks

from judgebench.testing.opened import Opened, no_secret


@pytest.fixture
def open_model() -> Iterator[Callable[..., Opened]]:
    """Opens `lm-eval` on a class with these arguments; what is open is closed after the test."""
    pytest.importorskip("lm_eval", reason="needs lm-eval")
    import toy_lm  # noqa: F401  registers its classes

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        def get(model_class: str = "judgebench-toy", **arguments: object) -> Opened:
            backend = LmEval(model_class, arguments)
            return Opened(runner.run(stack.enter_async_context(backend.open(no_secret))), runner)

        yield get
        runner.run(stack.aclose())


@pytest.fixture(scope="session")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Tasks:
    """Tasks over jsonl files of 60 rows."""
    return write_tasks(tmp_path_factory.mktemp("tasks"))
