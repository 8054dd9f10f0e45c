"""Conversations and texts as the token ids that a model reads."""

from collections.abc import Sequence
from typing import Any

from judgebench import Message, PermanentError, RequestError

Ids = tuple[int, ...]


class Prompts:
    """A tokenizer with the chat template that is to be used, and how many tokens the model takes.

    `n_ctx` None: no limit is known. `vocabulary` is the number of tokens that the model has embeddings for.
    """

    def __init__(self, tokenizer: Any, template: str | None, n_ctx: int | None, vocabulary: int) -> None:
        self.tokenizer = tokenizer
        self.n_ctx = n_ctx
        self._template = template
        self._vocabulary = vocabulary
        bos, probe = tokenizer.bos_token_id, tokenizer("a").input_ids
        self._first: Ids = (bos,) if bos is not None and probe[:1] == [bos] else ()

    def chat(self, messages: Sequence[Message]) -> Ids:
        """A conversation up to where the assistant's turn begins, with room for one token at least."""
        return self._fitting(self._tokens(self._rendered(messages)), 1)

    def text(self, prompt: str) -> Ids:
        """A raw text, behind the token that begins a text where the tokenizer sets one."""
        ids = self._tokens(prompt)
        ids = ids if ids[:1] == self._first else (*self._first, *ids)
        if not ids:
            raise RequestError("the prompt is empty", "this model needs a token to begin with")
        return self._fitting(ids, 1)

    def answered(self, messages: Sequence[Message], response: str) -> Ids:
        """A conversation with a response as the assistant's turn."""
        return self._fitting(self._tokens(self._rendered(messages, response)), 0)

    def scored(self, messages: Sequence[Message], response: str, room: int = 0) -> tuple[Ids, int]:
        """A conversation with a response and room for so many tokens more, and how many stand before the response.

        RequestError where the template does not set the response right after what it sets before an answer.
        """
        before, whole = self._rendered(messages), self._rendered(messages, response)
        prompt, ids = self._tokens(before), self._tokens(whole)
        if ids[: len(prompt)] != prompt:
            # A tokenizer may join the last piece of the prompt with the first of the response. A model that answers
            # reads the prompt alone: what follows is then made of tokens of its own, if they spell the same.
            if not whole.startswith(before):
                raise RequestError(
                    "the chat template rewrites earlier turns when the response is there: no tokens are its own",
                    "give another template: chat_template=FILE",
                )
            apart = (*prompt, *self._tokens(whole[len(before) :]))
            if self._spelled(apart) != self._spelled(ids):
                raise RequestError("the tokenizer joins the prompt with the response, so that no tokens are its own")
            ids = apart
        if len(ids) == len(prompt):
            raise RequestError("the chat template sets nothing for the response", "give another: chat_template=FILE")
        return self._fitting(ids, room), len(prompt)

    def _rendered(self, messages: Sequence[Message], response: str | None = None) -> str:
        from jinja2.exceptions import TemplateError

        if self._template is None and self.tokenizer.chat_template is None:
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
            ids = tuple(self.tokenizer(text, add_special_tokens=False, verbose=False).input_ids)
        except (UnicodeError, TypeError) as error:  # half a character
            raise RequestError(f"the tokenizer refuses the text: {error}") from None
        if ids and max(ids) >= self._vocabulary:
            raise RequestError(f"the tokenizer has a token {max(ids)}, and the model knows {self._vocabulary}")
        return ids

    def _spelled(self, ids: Ids) -> str:
        return str(self.tokenizer.decode(ids, clean_up_tokenization_spaces=False))

    def _fitting(self, ids: Ids, room: int) -> Ids:
        if self.n_ctx is not None and len(ids) > self.n_ctx - room:
            raise RequestError(
                f"context overflow: {len(ids)} tokens{' and an answer' * room} do not fit into n_ctx={self.n_ctx}",
                "raise n_ctx, up to the model's own limit, or leave long conversations out",
            )
        return ids
