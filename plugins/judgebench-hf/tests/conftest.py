import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from judgebench_hf.backend import HuggingFace
from judgebench_hf.options import Transformers

from judgebench import JudgebenchError, cache_folder

sys.path.insert(0, str(Path(__file__).parent))

from hf_kit import tiny_model

from judgebench.testing.opened import Opened, no_secret

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by torch's import: tests share the cores with other processes
Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two layers."""
    pytest.importorskip("torch", reason="needs torch")
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def opened() -> Iterator[Open]:
    """Opens a backend with these options; equal ones are opened once."""
    with asyncio.Runner() as runner:
        stack, known = AsyncExitStack(), dict[str, Opened]()

        def get(model: Path, backend: type[Transformers] = HuggingFace, **options: object) -> Opened:
            key = repr((model, backend, options))
            if key not in known:
                made = backend(**{"model": str(model), "device": "cpu", "threads": 1, **options})  # type: ignore[arg-type]
                known[key] = Opened(runner.run(stack.enter_async_context(made.open(no_secret))), runner)
            return known[key]

        yield get
        runner.run(stack.aclose())


@pytest.fixture(scope="session")
def real() -> Callable[[str], Path]:
    """The folder of a real small model, made once from the .gguf file in the cache."""

    def get(name: str) -> Path:
        pytest.importorskip("torch", reason="needs torch")
        llamacpp = pytest.importorskip("judgebench_llamacpp.weights", reason="needs judgebench-llamacpp")
        from judgebench_hf.dequantise import dequantise

        folder = cache_folder() / "models" / "hf" / name
        if not folder.exists():
            try:
                dequantise(llamacpp.resolve(name), folder)
            except JudgebenchError as error:
                pytest.skip(f"{name} cannot be had: {error.message}")
        return folder

    return get
