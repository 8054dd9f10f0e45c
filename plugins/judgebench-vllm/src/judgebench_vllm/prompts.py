"""Conversations and texts as the token ids that a model reads."""

from collections.abc import Sequence
from typing import Any

from judgebench import Message, PermanentError, RequestError

Ids = tuple[int, ...]


class Prompts:
    """A tokenizer with the chat template that is to be used, and how many tokens the model takes."""

    def __init__(self, tokenizer: Any, template: str | None, n_ctx: int) -> None:
        self.tokenizer = tokenizer
        self._template, self._n_ctx = template, n_ctx
        bos, probe = tokenizer.bos_token_id, tokenizer("a").input_ids
        self._first: Ids = (bos,) if bos is not None and list(probe[:1]) == [bos] else ()

    def chat(self, messages: Sequence[Message]) -> Ids:
        """A conversation up to where the assistant's turn begins."""
        return self._fitting(self._tokens(self._rendered(messages)))

    def text(self, prompt: str) -> Ids:
        """A raw text, behind the token that begins a text where the tokenizer sets one."""
        ids = self._tokens(prompt)
        ids = ids if ids[:1] == self._first else (*self._first, *ids)
        if not ids:
            raise RequestError("the prompt is empty", "this model needs a token to begin with")
        return self._fitting(ids)

    def scored(self, messages: Sequence[Message], response: str) -> tuple[Ids, int]:
        """A conversation with a response as the assistant's turn, and how many tokens stand before the response.

        The response's tokens are what the template sets after the generation prompt. RequestError where the template
        does not set the response right after that.
        """
        before, whole = self._rendered(messages), self._rendered(messages, response)
        prompt, ids = self._tokens(before), self._tokens(whole)
        if ids[: len(prompt)] != prompt:
            if not whole.startswith(before):
                raise RequestError(
                    "the chat template rewrites earlier turns when the response is there: no tokens are its own",
                    "give another template: chat_template=FILE",
                )
            # The tokenizer joined the last piece of the prompt with the first of the response. A model that answers
            # reads the prompt alone, so that its answer is made of tokens of its own, if they spell the same.
            apart = (*prompt, *self._tokens(whole[len(before) :]))
            if self.tokenizer.decode(apart) != self.tokenizer.decode(ids):
                raise RequestError("the tokenizer joins the prompt with the response, so that no tokens are its own")
            ids = apart
        if len(ids) == len(prompt):
            raise RequestError("the chat template sets nothing for the response", "give another: chat_template=FILE")
        return self._fitting(ids), len(prompt)

    def _rendered(self, messages: Sequence[Message], response: str | None = None) -> str:
        from jinja2.exceptions import TemplateError

        if self._template is None and getattr(self.tokenizer, "chat_template", None) is None:
            raise PermanentError("the checkpoint holds no chat template", "give one: chat_template=FILE")
        turns = [{"role": message.role, "content": message.content} for message in messages]
        if response is not None:
            turns.append({"role": "assistant", "content": response})
        try:
            return str(
                self.tokenizer.apply_chat_template(
                    turns, chat_template=self._template, add_generation_prompt=response is None, tokenize=False
                )
            )
        except (TemplateError, ValueError, TypeError) as error:
            raise RequestError(f"the chat template refuses the conversation: {error}") from None

    def _tokens(self, text: str) -> Ids:
        try:
            return tuple(self.tokenizer(text, add_special_tokens=False).input_ids)
        except (UnicodeError, TypeError) as error:  # half a character
            raise RequestError(f"the tokenizer refuses the text: {error}") from None

    def _fitting(self, ids: Ids) -> Ids:
        """The ids, if the model takes them and one token more: vLLM computes no prompt without an answer."""
        if len(ids) >= self._n_ctx:
            raise RequestError(
                f"context overflow: {len(ids)} tokens and an answer do not fit into n_ctx={self._n_ctx}",
                "raise n_ctx, up to the model's own limit, or leave long conversations out",
            )
        return ids
