"""chat: a model answers, turn by turn."""

from collections.abc import Mapping
from dataclasses import dataclass

from judgebench.core.item import Item, Response, Sample
from judgebench.core.request import Chat, Finish, Message, ModelName, Sampling, Text
from judgebench.plugin.kinds import Ask, Policy
from judgebench.plugin.options import Temperature, TokenLimit, TopP, option
from judgebench.plugin.template import Template, render_chat
from judgebench.plugin.transcript import without_reasoning


@dataclass(frozen=True)
class ChatPolicy(Policy):
    """A model with its generation settings; every turn sees the answers that went before it.

    Without a temperature of its own it answers at that which the item brings as a feature, else greedily. An answer
    cut at `max_tokens` keeps the finish reason `length`, and the board counts such answers. A conversation too long for
    the model is a miss: nothing is truncated in silence.
    """

    name = "chat"
    summary = "a model answers, turn by turn"

    model: ModelName = option(help="the model: a name under `models:`, or backend:model")
    system: str | None = option(None, help="system prompt, before the conversation")
    temperature: Temperature | None = option(None, help="0 is greedy; default: what the item brings, else 0")
    top_p: TopP = option(1.0, help="nucleus sampling: above 0, up to 1")
    max_tokens: TokenLimit = option(2048, help="longest answer of one turn, in tokens")
    stop: tuple[str, ...] = option((), help="texts that end an answer")
    chat_template: str | None = option(
        None, help="file with a chat template (Jinja, Hugging Face's form) instead of the model's own", identity=False
    )
    strip_reasoning: tuple[str, ...] = option(
        ("think",), help="tags of reasoning blocks that are no part of the answer; the record keeps them"
    )

    def fingerprint(self) -> Mapping[str, str]:
        """The chat template's digest, where one is given."""
        return {"chat_template": Template.load(self.chat_template).digest} if self.chat_template else {}

    def needs(self) -> tuple[type, ...]:
        """A template of its own needs a model that continues raw text."""
        return (Text,) if self.chat_template else (Chat,)

    async def respond(self, item: Item, ask: Ask) -> Response:
        """Answer every turn of the item in order."""
        system = (Message("system", self.system),) if self.system else ()
        temperature = item.features.get("temperature", 0.0) if self.temperature is None else self.temperature
        sampling = Sampling(temperature, self.top_p, self.max_tokens, self.stop)
        turns: tuple[str, ...] = ()
        finish: tuple[Finish | None, ...] = ()
        for number in range(1, len(item.turns) + 1):
            said = item.conversation(Response(turns, self.name))[: len(item.context) + 2 * number - 1]
            sample = await self._continue((*system, *said), sampling, ask)
            turns = (*turns, without_reasoning(sample.text, self.strip_reasoning))
            finish = (*finish, sample.completion.finish)
        return Response(turns, self.model, finish)

    async def _continue(self, messages: tuple[Message, ...], sampling: Sampling, ask: Ask) -> Sample:
        if self.chat_template is None:
            return await ask(self.model, Chat(messages, sampling))
        return await ask(self.model, Text(render_chat(Template.load(self.chat_template), messages), sampling))


COMPONENT = ChatPolicy
