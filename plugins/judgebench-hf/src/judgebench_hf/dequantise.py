"""Turn a .gguf file into a folder that transformers can load, adapt and train.

    python -m judgebench_hf.dequantise FILE.gguf FOLDER [--dtype float32]

Quantised weights become what they stand for; what quantisation has lost does not come back.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from judgebench import ConfigError, DataError, JudgebenchError, PermanentError
from judgebench_hf.loading import libraries
from judgebench_hf.quiet import quiet, without_bars

DTYPES = ("float32", "bfloat16", "float16")


def dequantise(gguf: Path, folder: Path, dtype: str = "float32") -> None:
    """Write the model and its tokenizer, chat template included, into `folder`, which appears when it is whole.

    ConfigError where the folder is there already or the file is not; PermanentError where transformers cannot read it.
    """
    if dtype not in DTYPES:
        raise ConfigError(f"there is no dtype '{dtype}' here", f"known: {', '.join(DTYPES)}")
    if folder.exists():
        raise ConfigError(f"{folder} is there already", "give another folder, or move it away")
    if not gguf.is_file():
        raise ConfigError(f"{gguf} is no file", "give the path of a .gguf file")
    libraries()
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with quiet(), without_bars():
            _write(gguf, draft, dtype)
        draft.chmod(0o755)
        draft.rename(folder)
    except OSError as error:
        raise DataError(
            f"{error.filename or folder}: {error.strerror or error}", "is there room on the disk?"
        ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write(gguf: Path, folder: Path, dtype: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where = {"gguf_file": gguf.name, "local_files_only": True}
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(str(gguf.parent), dtype=getattr(torch, dtype), **where)
        tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), **where)
    except Exception as error:
        told = (str(error).strip().splitlines() or [""])[0]
        raise PermanentError(
            f"{gguf.name} could not be read: {type(error).__name__}: {told}",
            "is it whole, and an architecture that this version of transformers reads from .gguf files?",
        ) from error
    # The weights are plain numbers now; transformers would still refuse to save them as a model of .gguf.
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the arguments, write the folder."""
    parser = argparse.ArgumentParser(
        prog="python -m judgebench_hf.dequantise", description="Turn a .gguf file into a folder for transformers."
    )
    parser.add_argument("gguf", metavar="FILE.gguf", type=Path)
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("--dtype", choices=DTYPES, default="float32", help="of the weights that are written")
    given = parser.parse_args(arguments)
    try:
        dequantise(given.gguf, given.folder, given.dtype)
    except JudgebenchError as error:
        print(f"error: {error.message}\nhint: {error.hint}", file=sys.stderr)
        return error.exit_code
    print(given.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
