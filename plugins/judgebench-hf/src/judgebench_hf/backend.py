"""hf: a causal language model of Hugging Face's transformers in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from judgebench import Chat, NextToken, Secret, SequenceScore, Session, Text
from judgebench_hf.options import Transformers


@dataclass(frozen=True)
class HuggingFace(Transformers):
    """A causal language model, loaded by transformers: a checkpoint, an adapter on its base, or a .gguf file.

    The tokenizer's own chat template is applied. Requests that wait together are computed together, rows of like
    length first; which ones share a batch changes log-probabilities by rounding alone, and with `deterministic` not
    at all. A prompt that does not fit into `n_ctx` is refused; an answer that fills it ends with the finish reason
    `length`. Sampling is as the request says: what a checkpoint's generation_config wishes is left aside, except for
    the tokens that end an answer.
    """

    name = "hf"
    summary = "a causal language model in this process, by transformers"
    can = frozenset({Chat, Text, NextToken, SequenceScore})
    fits = "hf"

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        """Fetch the checkpoint where it has to be, load it, and release its memory on exit."""
        from judgebench_hf.loading import load
        from judgebench_hf.session import opened
        from judgebench_hf.work import Works

        def works() -> Works:
            from judgebench_hf.generation import Generation
            from judgebench_hf.likelihood import NextTokens, SequenceScores

            loaded = load(self)
            answers = Generation(loaded)
            return {
                Chat: answers,
                Text: answers,
                NextToken: NextTokens(loaded),
                SequenceScore: SequenceScores(loaded),
            }

        async with opened(works, self) as session:
            yield session
