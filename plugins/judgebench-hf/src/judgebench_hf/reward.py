"""hf-reward: a reward model of Hugging Face's transformers in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from judgebench import ConfigError, Reward, Secret, Session, option
from judgebench_hf import fitting
from judgebench_hf.options import Transformers
from judgebench_hf.places import Checkpoint


@dataclass(frozen=True)
class HuggingFaceReward(Transformers):
    """A model with a reward head, loaded by transformers for sequence classification.

    The conversation with the response is set by the tokenizer's own chat template; the reward is the head's output, as
    it is, in float32. One that does not fit into `n_ctx` is refused: nothing is cut.
    """

    name = "hf-reward"
    summary = "a reward model in this process, by transformers"
    can = frozenset({Reward})
    fits = "hf-reward"

    output: int | None = option(None, help="which output of the head, from 0 on; needed where it has several")

    def __post_init__(self) -> None:
        """ConfigError for numbers that cannot work."""
        super().__post_init__()
        if self.output is not None and self.output < 0:
            raise ConfigError(f"{self.name}: output is {self.output}", "give a number from 0 on")

    def checkpoint(self) -> Checkpoint:
        """The checkpoint that the options name. ConfigError too for an output that its head does not have."""
        found = super().checkpoint()
        labels = found.model.config.get("id2label")
        fitting.check_output(self.output, fitting.outputs(found), labels, self.model)
        return found

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        """Fetch the checkpoint where it has to be, load it, and release its memory on exit."""
        from judgebench_hf.loading import load
        from judgebench_hf.session import opened
        from judgebench_hf.work import Works

        def works() -> Works:
            from judgebench_hf.rewards import Rewards

            return {Reward: Rewards(load(self), self.output)}

        async with opened(works, self) as session:
            yield session
