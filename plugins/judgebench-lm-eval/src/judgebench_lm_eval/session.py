"""Requests to a model class: those that wait together are asked together, in the model's own thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from judgebench import Completion, PermanentError, Request
from judgebench_lm_eval.answers import Answers


class LmEvalSession:
    """A model that is loaded, and the thread that alone touches it."""

    def __init__(self, model: Any, model_class: str, thread: ThreadPoolExecutor) -> None:
        self._answers: Answers | None = Answers(model, model_class)
        self._thread = thread
        self._waiting: list[tuple[Request, asyncio.Future[Completion]]] = []
        self._worker: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Let go of the model; what is asked later is refused."""
        self._answers = None

    async def complete(self, request: Request) -> Completion:
        """Answer one request. RequestError when it is refused or does not fit, PermanentError when all would be."""
        if self._answers is None:
            raise PermanentError("the model is closed")
        future: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        """Answer until nobody waits; what comes meanwhile makes the next batch."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting and (answers := self._answers) is not None:
                await asyncio.sleep(0)  # those who are about to ask have their turn first
                batch = [(request, future) for request, future in self._waiting if not future.done()]
                self._waiting.clear()
                asked = [request for request, _ in batch]
                found = await loop.run_in_executor(self._thread, answers.of, asked)
                for (_, future), outcome in zip(batch, found, strict=True):
                    if future.done():  # cancelled meanwhile
                        continue
                    if isinstance(outcome, Completion):
                        future.set_result(outcome)
                    else:
                        future.set_exception(outcome)
        finally:
            self._worker = None
