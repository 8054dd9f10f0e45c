"""llamacpp: a GGUF model in this process."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from judgebench import Backend, Chat, ConfigError, NextToken, Secret, Session, Text, option
from judgebench_llamacpp import engine, weights

_SOCKET_ROOM = 80
"""Longest folder for the path of a socket, which a system cuts off at about 100 characters."""


@dataclass(frozen=True)
class LlamaCpp(Backend):
    """A GGUF model loaded by llama.cpp into this process, on CPU or GPU.

    The model's own chat template is applied. A prompt that does not fit into a slot's context is
    refused; an answer that fills it ends with the finish reason `length`. `deterministic` answers
    one request at a time, without prompt cache and flash attention: the same request then gives the
    same bits, whatever was asked before and however many threads there are.
    """

    name = "llamacpp"
    summary = "a GGUF model in this process, by llama.cpp"
    can = frozenset({Chat, Text, NextToken})
    guides = True

    model: str = option(
        help="path of a .gguf file, hf:owner/repo/file.gguf, or qwen2.5-coder-1.5b, qwen2.5-coder-0.5b, smollm2-135m",
        identity=False,
    )
    n_ctx: int = option(
        4096, help="tokens that one slot holds, prompt and answer together; rounded up to a multiple of 256"
    )
    parallel: int = option(4, help="slots: requests answered at once", identity=False)
    threads: int | None = option(None, help="threads for computing; default: all usable cores", identity=False)
    deterministic: bool = option(False, help="one slot, no prompt cache: the same request gives the same bits")
    gpu_layers: int | None = option(
        None, help="layers on the GPU, where the wheel has one; default: all that fit", identity=False
    )
    chat_template: str | None = option(
        None, help="file with a chat template (Jinja) instead of the model's own", identity=False
    )

    def __post_init__(self) -> None:
        """ConfigError for numbers that cannot work."""
        for name, value in (("n_ctx", self.n_ctx), ("parallel", self.parallel), ("threads", self.threads)):
            if value is not None and value < 1:
                raise ConfigError(f"llamacpp: {name} is {value}", "give a number from 1 on")

    @property
    def slots(self) -> int:
        """The option `parallel`; one when deterministic."""
        return 1 if self.deterministic else self.parallel

    def fingerprint(self) -> Mapping[str, str]:
        """The model file's sha256, and the chat template's where one is given."""
        found = {"model": weights.fingerprint(self.model)}
        if (template := self._template()) is not None:
            found["chat_template"] = hashlib.sha256(template.encode()).hexdigest()
        return found

    def settings(self) -> engine.Settings:
        """The options as the engine takes them. ConfigError when the chat template cannot be read."""
        threads = self.threads or engine.usable_cores()
        return engine.Settings(self.n_ctx, self.slots, threads, self.deterministic, self.gpu_layers, self._template())

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        """Fetch the file where it has to be, load it, and release its memory on exit."""
        from judgebench_llamacpp.session import LlamaSession

        settings = self.settings()
        path = await asyncio.to_thread(weights.resolve, self.model)
        chat = settings.chat_template is not None or engine.has_chat_template(path)
        # llama.cpp always listens somewhere: not on a port, but on a socket that is gone before anybody could connect.
        root = None if len(tempfile.gettempdir()) < _SOCKET_ROOM else "/tmp"
        with tempfile.TemporaryDirectory(prefix="judgebench-", dir=root) as folder:
            server = engine.load(path, settings, f"{folder}/llama.sock")
        session = LlamaSession(server, self.slots, chat)
        del server  # the session holds the last reference, which releases the model
        try:
            yield session
        finally:
            await session.close()

    def _template(self) -> str | None:
        if self.chat_template is None:
            return None
        try:
            return Path(self.chat_template).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"llamacpp: chat_template {self.chat_template}: {error}", "give a UTF-8 file") from None
