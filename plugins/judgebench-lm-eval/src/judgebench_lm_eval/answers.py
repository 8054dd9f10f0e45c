"""Answers to requests, several at once: what a model class is called with, and what is made of its results."""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from judgebench import (
    Chat,
    Completion,
    JudgebenchError,
    NextToken,
    PermanentError,
    Request,
    RequestError,
    SequenceScore,
    Text,
    TransientError,
    Usage,
)
from judgebench_lm_eval.classes import told
from judgebench_lm_eval.prompts import Pair, Prompts

Outcome = Completion | JudgebenchError


@dataclass(frozen=True, slots=True)
class Work:
    """What one request asks of the class, and how its results become a completion.

    `calls` are pairs to be scored, or (context, settings) to be continued. What is `alone` shares no call of the class
    with others: it is drawn from its own `seed`.
    """

    method: Literal["score", "generate"]
    calls: tuple[Any, ...]
    read: Callable[[Sequence[Any]], Completion]
    alone: bool = False
    seed: int | None = None


class Answers:
    """A model of a class, asked from one thread."""

    def __init__(self, model: Any, model_class: str) -> None:
        self._model = model
        self._class = model_class
        self._prompts = Prompts(model, model_class)
        self._proven = False

    def of(self, requests: Sequence[Request]) -> list[Outcome]:
        """A completion or an error a request, in their order."""
        found: dict[int, Outcome] = {}
        batches: dict[object, list[tuple[int, Work]]] = {}
        for number, request in enumerate(requests):
            try:
                work = self._work(request)
            except Exception as error:
                found[number] = self._explained(error)
            else:
                batches.setdefault((work.method, number if work.alone else None), []).append((number, work))
        for batch in batches.values():
            outcomes = self._done([work for _, work in batch])
            found.update(zip((number for number, _ in batch), outcomes, strict=True))
        return [found[number] for number in range(len(requests))]

    def _work(self, request: Request) -> Work:
        if isinstance(request, Chat):
            return self._answer(self._prompts.context(request.messages), request)
        if isinstance(request, Text):
            return self._answer(request.prompt, request)
        if isinstance(request, NextToken):
            return self._next_token(request)
        if isinstance(request, SequenceScore):
            return self._score(request)
        raise PermanentError(f"lm-eval cannot answer {type(request).__name__}", "use another backend for this judge")

    def _answer(self, context: Any, request: Chat | Text) -> Work:
        sampling = request.sampling
        most, read = sampling.max_tokens, 0
        if self._prompts.limit is not None and isinstance(context, str):
            read = len(self._prompts.tokens(context))
            self._prompts.fits(read + 1)
            most = min(most, self._prompts.limit - read)  # a class makes room by dropping the first tokens
        drawn = sampling.temperature > 0
        settings: dict[str, Any] = {
            "until": [text for text in sampling.stop if text],
            "max_gen_toks": most,
            "do_sample": drawn,
            "temperature": sampling.temperature,
        }
        if drawn:
            settings["top_p"] = sampling.top_p

        def completion(results: Sequence[Any]) -> Completion:
            if results[0] is None:
                raise TransientError(f"lm-eval's model class '{self._class}' gave no answer")
            return Completion(str(results[0]), usage=Usage(read, 0))

        return Work("generate", ((context, settings),), completion, drawn, sampling.seed if drawn else None)

    def _next_token(self, request: NextToken) -> Work:
        context = self._prompts.text(request.messages)
        known: dict[object, Pair] = {}
        for choice in dict.fromkeys(choice.strip() for choice in request.choices):
            pairs = [self._prompts.pair(context, spelled) for spelled in (choice, f" {choice}")]
            single = [pair for pair in pairs if len(pair.own) <= 1]
            if not single:
                raise RequestError(f"'{choice}' is more than one token of this model", "choose shorter words")
            known.update({pair.own or pair.continuation: pair for pair in reversed(single)})

        def completion(results: Sequence[Any]) -> Completion:
            pairs = zip((pair.continuation for pair in known.values()), map(_number, results), strict=True)
            ordered = tuple(sorted(pairs, key=lambda pair: -pair[1]))
            return Completion(ordered[0][0], "length", Usage(_longest(known.values()), 1), ordered)

        return Work("score", tuple(known.values()), completion)

    def _score(self, request: SequenceScore) -> Work:
        pair = self._prompts.answered(request.messages, request.response)
        usage = Usage(len(pair.before), len(pair.own))
        return Work("score", (pair,), lambda results: Completion(usage=usage, score=_number(results[0])))

    def _done(self, works: Sequence[Work]) -> list[Outcome]:
        """Together, or each alone where that fails."""
        try:
            results = self._asked(works[0], [call for work in works for call in work.calls])
            found: list[Outcome] = []
            for work in works:
                own, results = results[: len(work.calls)], results[len(work.calls) :]
                found.append(work.read(own))
        except Exception as error:
            if len(works) > 1:
                return [outcome for work in works for outcome in self._done([work])]
            return [self._explained(error)]
        self._proven = True
        return found

    def _asked(self, work: Work, calls: Sequence[Any]) -> list[Any]:
        from lm_eval.api.instance import Instance

        if work.method == "score" and self._prompts.by_tokens:
            pairs = [((pair.context, pair.continuation), list(pair.before), list(pair.own)) for pair in calls]
            return list(self._model._loglikelihood_tokens(pairs, **_quiet(self._model._loglikelihood_tokens)))
        if work.method == "score":
            method, calls = self._model.loglikelihood, [(pair.context, pair.continuation) for pair in calls]
        else:
            method = self._model.generate_until
        kind = "loglikelihood" if work.method == "score" else "generate_until"
        asked = [Instance(kind, {}, tuple(call), number) for number, call in enumerate(calls)]
        if work.seed is not None:
            _seed(work.seed)
        return list(method(asked, **_quiet(method)))

    def _explained(self, error: Exception) -> JudgebenchError:
        """What an error means for the run: one before anything has succeeded says that nothing will."""
        if isinstance(error, JudgebenchError):
            return error
        if isinstance(error, NotImplementedError):
            return PermanentError(
                f"lm-eval's model class '{self._class}' cannot do this: {told(error)}",
                "ask it for answers alone, or use another class",
            )
        message = f"lm-eval's model class '{self._class}' fails: {type(error).__name__}: {told(error)}"
        if isinstance(error, OSError):  # of the network, as of requests and aiohttp
            return TransientError(message)
        return RequestError(message) if self._proven else PermanentError(message, "are `args` those of the class?")


def _number(result: Any) -> float:
    """The log-probability of a result (log-probability, whether it is the likeliest). RequestError for no number."""
    value = float(result[0])
    if not math.isfinite(value):
        raise RequestError(f"the model gives {value} as log-probability")
    return value


def _longest(pairs: Any) -> int:
    return max(len(pair.before) for pair in pairs)


def _quiet(method: Any) -> dict[str, Any]:
    """No progress bar for every batch, where a class can do without."""
    return {"disable_tqdm": True} if "disable_tqdm" in inspect.signature(method).parameters else {}


def _seed(seed: int) -> None:
    """Seed what classes in this process draw from."""
    import random

    import numpy as np
    from lm_eval.utils import set_torch_seed

    random.seed(seed)
    np.random.seed(seed % 2**32)
    set_torch_seed(seed)
