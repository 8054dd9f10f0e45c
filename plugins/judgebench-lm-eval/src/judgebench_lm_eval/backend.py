"""lm-eval: a model of any of lm-evaluation-harness's model classes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from judgebench import Backend, Chat, ConfigError, NextToken, Secret, SequenceScore, Session, Text, option
from judgebench_lm_eval import arguments, classes


@dataclass(frozen=True)
class LmEval(Backend):
    """A model class of lm-evaluation-harness, as its own command knows them: hf, vllm, local-completions and others.

    The class's own chat template is applied. Log-probabilities are those of its `loglikelihood`: of a next token those
    of the choices alone, each with and without a blank before it, since a class gives no others. The finish reason of
    an answer is not known.
    """

    name = "lm-eval"
    summary = "a model class of lm-evaluation-harness, such as lm-eval:hf,args=pretrained=DIR"
    can = frozenset({Chat, Text, NextToken, SequenceScore})

    model_class: str = option(help="name of a model class, as `lm_eval --model` takes it", identity=False)
    args: Mapping[str, Any] | str = option(
        "", help='its arguments: a mapping, {"pretrained": "DIR"}, or as lm-eval writes them, key=value', identity=False
    )
    parallel: int = option(16, help="requests that are put together for the class at once", identity=False)

    def __post_init__(self) -> None:
        """ConfigError for arguments that cannot be read or hold a secret, and for numbers that cannot work."""
        arguments.parsed(self.args)
        if self.parallel < 1:
            raise ConfigError(f"lm-eval: parallel is {self.parallel}", "give a number from 1 on")

    @property
    def slots(self) -> int:
        """The option `parallel`."""
        return self.parallel

    @property
    def arguments(self) -> dict[str, Any]:
        """What the class is made with."""
        return arguments.parsed(self.args)

    def fingerprint(self) -> Mapping[str, str]:
        """The class, its arguments with the digests of files and folders among them, and lm-eval's version.

        ConfigError for an unknown class, PluginError without lm-eval.
        """
        found = arguments.identity(self.model_class, self.arguments)
        classes.check(self.model_class)
        return found

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        """Make the model in a thread of its own, where it stays. Errors of `classes.make`."""
        from judgebench_lm_eval.session import LmEvalSession

        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="lm-eval") as thread:
            made = await loop.run_in_executor(thread, classes.make, self.model_class, self.arguments)
            session = LmEvalSession(made, self.model_class, thread)
            del made
            try:
                yield session
            finally:
                session.close()
                await loop.run_in_executor(thread, classes.release)
