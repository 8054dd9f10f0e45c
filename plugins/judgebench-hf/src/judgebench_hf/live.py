"""The model that is being trained, asked as it stands in memory: nothing is copied, and it is left as it was found."""

import copy
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench import Backend, Chat, Completion, ConfigError, NextToken, Secret, SequenceScore, Session, Text
from judgebench_hf import folder
from judgebench_hf.backend import HuggingFace
from judgebench_hf.work import Row, Work, Works

NAME = "hf-in-training"
"""What the backend is called: where weights in memory compute in another precision, it is not quite `hf`."""
WEIGHTS = "weights"
"""The part of the backend's identity that tells one checkpoint from another."""


def check(trainer: Any) -> None:
    """ConfigError for a trainer whose model cannot be asked while it trains."""
    import peft

    if by := _divided(trainer):
        raise ConfigError(
            f"no process holds the whole model: {by} divides it",
            "evaluate its checkpoints from outside, as they are saved: judgebench run --watch",
        )
    model = trainer.model
    if isinstance(model, peft.PeftModel) and model.active_peft_config.is_prompt_learning:
        raise ConfigError(f"the adapter is {model.active_peft_config.peft_type.value}", "LoRA and its kin can be asked")
    if not causal(model).can_generate():
        raise ConfigError(f"{type(causal(model)).__name__} cannot answer", "give a trainer of a causal language model")
    if trainer.processing_class is None:
        raise ConfigError("the trainer has no tokenizer", "give it one: processing_class=TOKENIZER")
    if tokenizer(trainer).chat_template is None:
        raise ConfigError("the trainer's tokenizer has no chat template", "set it: tokenizer.chat_template = TEXT")


def _divided(trainer: Any) -> str | None:
    """What divides the model's weights among processes; None where each has them all."""
    from torch.distributed import is_available

    plugin = getattr(trainer.accelerator.state, "deepspeed_plugin", None)
    if plugin is not None and plugin.zero_stage == 3:
        return "DeepSpeed ZeRO-3"
    if trainer.is_fsdp_enabled:  # it divides them when the training begins
        return "FSDP"
    if is_available():
        from torch.distributed.tensor import DTensor

        if any(isinstance(weight, DTensor) for weight in trainer.model.parameters()):
            return "DTensor"
    return None


def causal(model: Any) -> Any:
    """The language model itself, with an adapter's layers in it where there is one."""
    import peft

    return model.get_base_model() if isinstance(model, peft.PeftModel) else model


def tokenizer(trainer: Any) -> Any:
    """The trainer's tokenizer, or that of its processor."""
    return getattr(trainer.processing_class, "tokenizer", trainer.processing_class)


def backend(trainer: Any) -> type[Backend]:
    """A backend that asks a trainer's model; its option `model` is the folder where these weights were just saved."""
    model, words = causal(trainer.model), copy.deepcopy(tokenizer(trainer))  # which remembers how it was last called

    @dataclass(frozen=True)
    class InTraining(HuggingFace):
        """The model of a training, in the memory that the training holds."""

        name = NAME
        summary = "the model that is being trained, as it stands in memory"

        def fingerprint(self) -> Mapping[str, str]:
            """The digest of the saved checkpoint."""
            return {WEIGHTS: digest(Path(self.model))}

        @asynccontextmanager
        async def open(self, secret: Secret) -> AsyncIterator[Session]:
            """Ask the model as it stands: in evaluation mode, that is inside `as_found`."""
            from judgebench_hf.session import opened

            def works() -> Works:
                import torch

                from judgebench_hf.generation import Generation
                from judgebench_hf.likelihood import NextTokens, SequenceScores
                from judgebench_hf.loading import ready

                if model.device.type == "cuda":  # each thread has a current one of its own
                    torch.cuda.set_device(model.device)
                loaded = ready(self, model, words, model.device)
                answers = Plain(Generation(loaded))
                return {
                    Chat: answers,
                    Text: answers,
                    NextToken: Plain(NextTokens(loaded)),
                    SequenceScore: Plain(SequenceScores(loaded)),
                }

            async with opened(works, self) as session:
                yield session

    return InTraining


def digest(checkpoint: Path) -> str:
    """What tells a saved checkpoint from all others, as `hf` does.

    Of an adapter that is the adapter's own digest: its settings name the model that it is for, and its weights come
    from training on it. DataError for a folder that is not whole.
    """
    return folder.digest(checkpoint)


@dataclass(frozen=True, slots=True)
class Plain:
    """Work that makes plain tensors: one made in inference mode, if a model keeps it, breaks the next training step."""

    work: Work

    def read(self, request: Any, stopped: Callable[[], bool]) -> Row:
        """The row of a request. RequestError where it is refused."""
        return self.work.read(request, stopped)

    def most(self, rows: Sequence[Row]) -> int:
        """How many of these, longest first, may be computed at once."""
        return self.work.most(rows)

    def compute(self, rows: Sequence[Row]) -> list[Completion]:
        """A completion a row, without gradients."""
        import torch

        with torch.inference_mode(False), torch.no_grad():
            return self.work.compute(rows)


@contextmanager
def as_found(model: Any) -> Iterator[None]:
    """Evaluation mode while the block runs; afterwards the model and all chance are as they were before.

    What every module holds is kept by reference: modes, generation settings, buffers. The values of buffers that no
    checkpoint has are kept too: a forward pass may write into them, as rotary embeddings do for a long text. Chance is
    that of Python, numpy and torch, on the CPU and on the model's CUDA devices.
    """
    import numpy as np
    import torch

    held = [(module, dict(vars(module)), dict(module._buffers)) for module in model.modules()]
    passing = [
        (buffer, buffer.clone())
        for module, _, buffers in held
        for name, buffer in buffers.items()
        if buffer is not None and name in module._non_persistent_buffers_set
    ]
    devices = sorted({weight.device.index for weight in model.parameters() if weight.device.type == "cuda"})
    python, numbers = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices):
        try:
            model.eval()
            yield
        finally:
            for module, attributes, buffers in held:
                vars(module).clear()
                vars(module).update(attributes)
                module._buffers.clear()
                module._buffers.update(buffers)
            for buffer, value in passing:
                buffer.copy_(value)
            random.setstate(python)
            np.random.set_state(numbers)
