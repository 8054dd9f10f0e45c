"""Conversations as the texts and tokens that a model class reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from judgebench import JudgebenchError, Message, PermanentError, RequestError


@dataclass(frozen=True, slots=True)
class Pair:
    """A context with what follows it: as texts, and as tokens where the class has a tokenizer (else none)."""

    context: str
    continuation: str
    before: tuple[int, ...] = ()
    own: tuple[int, ...] = ()


class Prompts:
    """The chat template and the tokenizer of a model, as far as its class has them."""

    def __init__(self, model: Any, model_class: str) -> None:
        from lm_eval.api.model import TemplateLM

        self._model = model
        self._class = model_class
        by_template = isinstance(model, TemplateLM)  # others may have a tokenizer for purposes of their own
        self._tokenizer = model.tokenizer if by_template else None
        self.by_tokens = by_template and model.backend == "causal" and hasattr(self._tokenizer, "decode")
        """Whether contexts and what follows can be told apart by tokens."""
        limit = getattr(model, "max_length", None) if self.by_tokens else None
        self.limit: int | None = limit if isinstance(limit, int) else None
        """Most tokens that the model takes, where it is known."""

    def context(self, messages: Sequence[Message]) -> Any:
        """A conversation up to where the assistant's turn begins: a text, or what the class has in its place."""
        return self._rendered(_turns(messages))

    def text(self, messages: Sequence[Message]) -> str:
        """The same where it must be a text. PermanentError where the class has none."""
        found = self.context(messages)
        if not isinstance(found, str):
            raise PermanentError(
                f"lm-eval's model class '{self._class}' sends conversations to a service, which sets the template",
                "ask it for answers alone, or use a class that has the tokenizer, such as hf or local-completions",
            )
        return found

    def answered(self, messages: Sequence[Message], response: str) -> Pair:
        """A conversation, and all that the template sets after it for this response, the end of the turn included.

        RequestError where the template rewrites what stands before.
        """
        before = self.text(messages)
        turns = [*_turns(messages), {"role": "assistant", "content": response}]
        whole = self._rendered(turns, open_turn=False)
        if not whole.startswith(before) or whole == before:
            raise RequestError(
                "the chat template rewrites earlier turns when the response is there, or leaves it out",
                "use a model whose template does neither",
            )
        return self.pair(before, whole[len(before) :])

    def pair(self, context: str, continuation: str) -> Pair:
        """Both, with their tokens. RequestError where they do not fit into the model."""
        if not self.by_tokens:
            return Pair(context, continuation)
        before = self.tokens(context)
        whole = self.tokens(context + continuation)
        # A tokenizer may join the last piece of the context with the first of what follows. A model that answers has
        # read the context alone: what follows is then made of tokens of its own.
        joined = whole[: len(before)] != before
        own = tuple(self._model.tok_encode(continuation, add_special_tokens=False)) if joined else whole[len(before) :]
        if not before or not own:
            raise RequestError("there are no tokens to score, or none before them")
        self.fits(len(before) + len(own))
        return Pair(context, continuation, before, own)

    def tokens(self, text: str) -> tuple[int, ...]:
        """A text's tokens, those included that the class sets before every text."""
        return tuple(self._model.tok_encode(text))

    def fits(self, tokens: int) -> None:
        """RequestError for more tokens than the model takes: classes would drop the first ones."""
        if self.limit is not None and tokens > self.limit:
            raise RequestError(
                f"context overflow: {tokens} tokens do not fit into {self.limit}",
                "raise max_length in `args`, up to the model's own limit, or leave long conversations out",
            )

    def _rendered(self, turns: list[dict[str, str]], open_turn: bool = True) -> Any:
        """As the class renders it. With a response at its end the tokenizer is asked where there is one: a class would
        leave the end of that turn out, for the model to go on with it.
        """
        template = getattr(self._tokenizer, "apply_chat_template", None)
        try:
            if open_turn or template is None:
                return self._model.apply_chat_template(turns, add_generation_prompt=open_turn)
            settings = getattr(self._model, "chat_template_args", None) or {}
            return template(turns, tokenize=False, add_generation_prompt=False, **settings)
        except JudgebenchError:
            raise
        except NotImplementedError:
            raise PermanentError(
                f"lm-eval's model class '{self._class}' has no chat template",
                "use a class that has one, such as hf with an instruct model, or local-chat-completions",
            ) from None
        except Exception as error:  # a template may raise anything
            raise RequestError(f"the chat template refuses the conversation: {error}") from None


def _turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]
