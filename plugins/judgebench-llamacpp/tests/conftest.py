import asyncio
import hashlib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from judgebench import Completion, PermanentError, Request, Session
from judgebench_llamacpp import weights
from judgebench_llamacpp.backend import LlamaCpp
from judgebench_llamacpp.named import NamedModel, Parts

TINY = b"GGUF" + bytes(range(256)) * 100


def no_secret(name: str) -> None:
    return None


@dataclass
class Opened:
    """An opened backend, asked from synchronous tests."""

    session: Session
    runner: asyncio.Runner

    def ask(self, request: Request) -> Completion:
        return self.runner.run(self.session.complete(request))

    def ask_all(self, requests: list[Request]) -> list[Completion]:
        async def together() -> list[Completion]:
            return await asyncio.gather(*map(self.session.complete, requests))

        return self.runner.run(together())


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
                backend = LlamaCpp(**{"model": model, **options})  # type: ignore[arg-type]
                known[key] = Opened(runner.run(stack.enter_async_context(backend.open(no_secret))), runner)
            return known[key]

        yield get
        runner.run(stack.aclose())


def tiny(content: bytes = TINY, count: int = 12) -> NamedModel:
    """A named model of a few kilobytes, in twelve parts: numeric order is not the order of their names."""
    parts = Parts("tiny-model-part{n}", "1.0", "tiny_model_part{n}/part{n}.bin", count, len(content))
    return NamedModel(
        "tiny", "nobody/tiny", "main", "tiny.gguf", parts, hashlib.sha256(content).hexdigest(), len(content), "none"
    )


def write_wheels(model: NamedModel, content: bytes, folder: Path) -> None:
    """The packages that carry `content`."""
    folder.mkdir(exist_ok=True)
    size = -(-len(content) // model.parts.count)
    for n in range(1, model.parts.count + 1):
        stem = f"{model.parts.package.format(n=n).replace('-', '_')}-{model.parts.version}"
        info = f"{stem}.dist-info"
        with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr(model.parts.member.format(n=n), content[(n - 1) * size : n * size])
            name = model.parts.package.format(n=n)
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {model.parts.version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and a pip that knows nothing but the wheels in `tmp_path/wheels`."""
    (tmp_path / "wheels").mkdir()
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return tmp_path / "cache"
