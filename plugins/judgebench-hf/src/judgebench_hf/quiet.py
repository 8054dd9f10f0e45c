"""Keeps to itself what transformers and the libraries under it say while they work for a session."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

_TALKATIVE = ("transformers", "huggingface_hub")


class _OwnThread(logging.Filter):
    """Drops what is below an error and was said in the thread that made it: other threads may want to be heard."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        return record.thread != self._thread or record.levelno >= logging.ERROR


@contextmanager
def quiet() -> Iterator[None]:
    """No messages of these libraries from this thread while the block runs."""
    import transformers.utils.logging  # noqa: F401  the import makes its handlers

    own = _OwnThread()
    handlers = [handler for name in _TALKATIVE for handler in logging.getLogger(name).handlers]
    for handler in handlers:
        handler.addFilter(own)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(own)


@contextmanager
def without_bars() -> Iterator[None]:
    """No progress bars and no warnings while a model is loaded; afterwards all is as it was before."""
    import transformers.modeling_gguf_pytorch_utils
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from transformers.utils import logging

    talk: Any = logging
    reader: Any = transformers.modeling_gguf_pytorch_utils  # it asks nobody whether to draw its bar
    bar = reader.tqdm
    hub, ours = not are_progress_bars_disabled(), talk.is_progress_bar_enabled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        disable_progress_bars()
        talk.disable_progress_bar()
        reader.tqdm = partial(bar, disable=True)
        try:
            yield
        finally:
            reader.tqdm = bar
            if ours:
                talk.enable_progress_bar()
            if hub:
                enable_progress_bars()
