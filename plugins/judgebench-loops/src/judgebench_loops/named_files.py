"""What the configuration names on disk: the contents decide, so that a stage is made anew when one of them changes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench_loops.stage import digest_of, file_digest

_PARTS = re.compile(r"[,=@]|:(?!/)")
"""What parts the words of a spec text from each other."""
_SENTENCE = re.compile(r"\s(?!.*(/|\.\w+\Z))", re.DOTALL)
"""A blank in what has neither a folder nor a suffix: no path is looked for in the many texts of a script."""


def contents(*entries: Any) -> dict[str, str]:
    """The digest of each file and each model's folder that entries of a run file name: templates, data, checkpoints."""
    texts = {text for entry in entries for text in _texts(entry)}
    return {text: weights(text) if Path(text).is_dir() else file_digest(Path(text)) for text in sorted(texts)}


def _texts(entry: Any) -> Iterator[str]:
    """The texts of an entry that are paths of something: a value, or a word of a spec text."""
    if isinstance(entry, Mapping):
        for value in entry.values():
            yield from _texts(value)
    elif isinstance(entry, str):
        yield from (text for text in {entry, *_PARTS.split(entry)} if not _SENTENCE.search(text) and _is_there(text))
    elif isinstance(entry, Sequence):
        for value in entry:
            yield from _texts(value)


def _is_there(text: str) -> bool:
    try:
        path = Path(text)
        return bool(text.strip()) and (path.is_file() or (path / "config.json").is_file())
    except (OSError, ValueError):  # longer than a name may be, or with a sign that none may have
        return False


def weights(model: str | Path) -> str:
    """What tells one model from another: the digest of a folder's weights; a hub's name stands for itself."""
    folder = Path(model)
    if not folder.is_dir():
        return digest_of(str(model))
    if any((folder / name).exists() for name in ("config.json", "adapter_config.json")):
        try:
            from judgebench_hf.folder import digest
        except ImportError:  # asked by another backend: names and sizes tell what is likely to change
            pass
        else:
            return digest(folder)
    return digest_of(sorted((file.name, file.stat().st_size) for file in folder.iterdir() if file.is_file()))
