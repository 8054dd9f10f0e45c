import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from judgebench_llamacpp import weights
from judgebench_llamacpp.backend import LlamaCpp

from judgebench import PermanentError

sys.path.insert(0, str(Path(__file__).parent))

from judgebench.testing.opened import Opened, no_secret


@pytest.fixture(scope="session")
def model() -> str:
    """The 135M model in the real cache."""
    try:
        weights.resolve("smollm2-135m")
    except PermanentError as error:
        pytest.skip(f"smollm2-135m cannot be had: {error.message}")
    return "smollm2-135m"


@pytest.fixture(scope="module")
def opened(model: str) -> Iterator[Callable[..., Opened]]:
    """Opens `llamacpp` on the small model with these options; equal options are opened once."""
    with asyncio.Runner() as runner:
        stack, known = AsyncExitStack(), dict[str, Opened]()

        def get(**options: object) -> Opened:
            key = repr(options)
            if key not in known:
                backend = LlamaCpp(**{"model": model, "n_ctx": 1024, **options})  # type: ignore[arg-type]
                known[key] = Opened(runner.run(stack.enter_async_context(backend.open(no_secret))), runner)
            return known[key]

        yield get
        runner.run(stack.aclose())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and a pip that knows nothing but the wheels in `tmp_path/wheels`."""
    (tmp_path / "wheels").mkdir()
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return tmp_path / "cache"
