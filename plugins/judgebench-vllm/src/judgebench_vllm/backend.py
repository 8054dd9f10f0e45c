"""vllm: a model in vLLM's engine, which this process starts and ends."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from judgebench_hf.places import Checkpoint

from judgebench import Backend, Chat, ConfigError, NextToken, Secret, SequenceScore, Session, Text, option
from judgebench_vllm import checkpoints


@dataclass(frozen=True)
class VLLM(Backend):
    """A causal language model in vLLM's engine: a checkpoint, or an adapter on its base.

    The tokenizer's own chat template is applied. A prompt that does not fit into `n_ctx` is refused; an answer that
    fills it ends with the finish reason `length`. Log-probabilities are those of the whole vocabulary before any
    sampling setting (vLLM's `raw_logprobs`): no choice is ever forced by guided decoding, which would leave
    log-probabilities of the allowed tokens alone. Which requests share a batch, and what the prefix cache holds,
    change log-probabilities by rounding; with `deterministic` there is neither.
    """

    name = "vllm"
    summary = "a model in vLLM's engine, for one GPU or several"
    status = "untested on a GPU"
    can = frozenset({Chat, Text, NextToken, SequenceScore})

    model: str = option(help="folder of a checkpoint or an adapter, or OWNER/NAME on the hub", identity=False)
    revision: str | None = option(None, help="branch, tag or commit of a model on the hub", identity=False)
    adapter: str | None = option(None, help="folder or OWNER/NAME of a LoRA adapter for the model", identity=False)
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = option(
        "auto", help="auto: the checkpoint's own, with float32 as float16 or bfloat16 where vLLM prefers it"
    )
    n_ctx: int | None = option(None, help="most tokens of prompt and answer; default: the model's own limit")
    parallel: int = option(64, help="requests answered at once", identity=False)
    tensor_parallel: int = option(1, help="GPUs that share the model", identity=False)
    gpu_memory: float | None = option(
        None, help="share of each GPU's memory that vLLM takes, between 0 and 1; default: vLLM's own", identity=False
    )
    prefix_caching: bool = option(True, help="compute what prompts begin with alike only once", identity=False)
    eager: bool = option(False, help="compile nothing: starts faster and answers slower", identity=False)
    chat_template: str | None = option(
        None, help="file with a chat template (Jinja) instead of the model's own", identity=False
    )
    deterministic: bool = option(False, help="one request at a time, without prefix cache")
    trust_remote_code: bool = option(False, help="run the Python files that a checkpoint brings")

    def __post_init__(self) -> None:
        """ConfigError for numbers that cannot work."""
        least = (("n_ctx", self.n_ctx, 2), ("parallel", self.parallel, 1), ("tensor_parallel", self.tensor_parallel, 1))
        for name, value, smallest in least:
            if value is not None and value < smallest:
                raise ConfigError(f"vllm: {name} is {value}", f"give a number from {smallest} on")
        if self.gpu_memory is not None and not 0 < self.gpu_memory <= 1:
            raise ConfigError(f"vllm: gpu_memory is {self.gpu_memory}", "give a share of the memory, such as 0.8")

    @property
    def slots(self) -> int:
        """The option `parallel`; one when deterministic."""
        return 1 if self.deterministic else self.parallel

    def fingerprint(self) -> Mapping[str, str]:
        """The digest or commit of the model and of an adapter, and the chat template's digest where one is given."""
        found = dict(self.checkpoint().fingerprint())
        if (template := self.template()) is not None:
            found["chat_template"] = hashlib.sha256(template.encode()).hexdigest()
        return found

    def checkpoint(self) -> Checkpoint:
        """The model that the options name, with its adapter. Errors of `checkpoints.find`."""
        return checkpoints.find(self.model, self.revision, self.adapter)

    def template(self) -> str | None:
        """The text of the option `chat_template`. ConfigError when it cannot be read."""
        if self.chat_template is None:
            return None
        try:
            return Path(self.chat_template).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"vllm: chat_template {self.chat_template}: {error}", "give a UTF-8 file") from None

    def arguments(self, checkpoint: Checkpoint) -> dict[str, Any]:
        """What vLLM's AsyncEngineArgs are given; what is not set here is vLLM's own default. An adapter is fetched."""
        from judgebench_vllm import engine

        model, revision = checkpoints.address(checkpoint.model)
        tokenizer, tokenizer_revision = checkpoints.address(checkpoints.tokenizer(checkpoint))
        found: dict[str, Any] = {
            "model": model,
            "revision": revision,
            "runner": "generate",  # else vLLM takes a model that cannot answer for one of embeddings, and starts
            "tokenizer": tokenizer,
            "tokenizer_revision": tokenizer_revision,
            "tokenizer_mode": "hf",
            "trust_remote_code": self.trust_remote_code,
            "dtype": self.dtype,
            "tensor_parallel_size": self.tensor_parallel,
            "max_num_seqs": self.slots,
            "enable_prefix_caching": self.prefix_caching and not self.deterministic,
            "enforce_eager": self.eager,
            "seed": 0,
            "logprobs_mode": "raw_logprobs",
            "max_logprobs": -1,  # no limit: NextToken asks for the whole vocabulary
            "disable_log_stats": True,
            "use_tqdm_on_load": False,
        }
        if self.n_ctx is not None:
            found["max_model_len"] = self.n_ctx
        if self.gpu_memory is not None:
            found["gpu_memory_utilization"] = self.gpu_memory
        if checkpoint.adapter is not None:
            room = engine.room(checkpoints.rank(checkpoint.adapter))
            found |= {"enable_lora": True, "max_loras": 1, "max_lora_rank": room}
        return found

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        """Start the engine, and end it with all its processes on exit.

        PluginError where vLLM is missing, PermanentError where it cannot start or load the model.
        """
        from judgebench_vllm import engine
        from judgebench_vllm.session import VLLMSession

        template = self.template()
        engine.library()
        checkpoint = await asyncio.to_thread(self.checkpoint)
        session = VLLMSession()
        try:
            await session.start(await asyncio.to_thread(self.arguments, checkpoint), self.model)
            await session.prepare(template, checkpoint)
            yield session
        finally:
            session.close()
