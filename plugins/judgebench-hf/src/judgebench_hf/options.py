"""The options that both backends share, and what follows from them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from judgebench import Backend, ConfigError, option
from judgebench_hf import fitting, places

WINDOW = 4
"""Requests in flight for each row computed at once: so many there are to choose rows of like length from."""


@dataclass(frozen=True)
class Transformers(Backend):
    """A checkpoint that transformers loads into this process."""

    status = "untested on a GPU"
    fits: ClassVar[fitting.Kind]

    model: str = option(help="folder of a checkpoint or an adapter, a .gguf file, or OWNER/NAME", identity=False)
    revision: str | None = option(None, help="branch, tag or commit of a model on the hub", identity=False)
    adapter: str | None = option(
        None, help="folder or OWNER/NAME of an adapter, such as LoRA's, for the model", identity=False
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = option(
        "auto", help="auto: the checkpoint's own on a GPU, float32 on a CPU and when deterministic"
    )
    device: str | None = option(None, help="cuda, cuda:1, mps or cpu; default: the first there is", identity=False)
    batch: int = option(8, help="rows computed at once", identity=False)
    n_ctx: int | None = option(None, help="most tokens of prompt and answer; default: the model's own limit")
    threads: int | None = option(None, help="threads for computing on a CPU; default: torch's own", identity=False)
    chat_template: str | None = option(
        None, help="file with a chat template (Jinja) instead of the model's own", identity=False
    )
    deterministic: bool = option(False, help="one row at a time: the same request gives the same bits")
    trust_remote_code: bool = option(False, help="run the Python files that a checkpoint brings")

    def __post_init__(self) -> None:
        """ConfigError for numbers that cannot work."""
        for name, value, least in (("batch", self.batch, 1), ("n_ctx", self.n_ctx, 2), ("threads", self.threads, 1)):
            if value is not None and value < least:
                raise ConfigError(f"{self.name}: {name} is {value}", f"give a number from {least} on")

    @property
    def rows(self) -> int:
        """Rows computed at once: the option `batch`; one when deterministic."""
        return 1 if self.deterministic else self.batch

    @property
    def slots(self) -> int:
        """Four requests a row, so that rows of like length can be put together."""
        return WINDOW * self.rows

    def fingerprint(self) -> Mapping[str, str]:
        """The digest or commit of the model and of an adapter, and the chat template's digest where one is given."""
        found = dict(self.checkpoint().fingerprint())
        if (template := self.template()) is not None:
            found["chat_template"] = hashlib.sha256(template.encode()).hexdigest()
        return found

    def checkpoint(self) -> places.Checkpoint:
        """The checkpoint that the options name. ConfigError where this backend cannot ask it; errors of `find`."""
        found = places.find(self.model, self.revision, self.adapter, backend=self.fits)
        fitting.check(found, self.fits)
        return found

    def template(self) -> str | None:
        """The text of the option `chat_template`. ConfigError when it cannot be read."""
        if self.chat_template is None:
            return None
        try:
            return Path(self.chat_template).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{self.name}: chat_template {self.chat_template}: {error}", "give a UTF-8 file"
            ) from None
