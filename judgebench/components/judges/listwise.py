"""listwise: a judge that sees all responses at once and names the best one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from judgebench.core.item import Preference, Sample, Trial
from judgebench.judging.marks import LETTERS, letters_of
from judgebench.judging.prompted import Marked
from judgebench.plugin.kinds import Ask

WORDING = """\
Here is a request and {{ answers | length }} answers to it. Find the best one: the answer that does most of what the \
request asks for and is correct, complete, safe and clear. Ignore the order of the answers and their length.

# Request
{{ question }}
{% if reference %}
# An answer known to be right
{{ reference }}
{% endif %}{% for answer in answers %}
# Answer {{ letters[loop.index0] }}
{{ answer }}
{% endfor %}
# Your verdict
First say in at most four sentences what sets the answers apart. Then end with one line that holds only the letter of \
the best answer in double brackets, such as [[A]]."""


@dataclass(frozen=True)
class Listwise(Marked):
    """The model names the best of k responses, at most 26, by its letter; there is no tie.

    A text without a letter, or with two different ones, is a miss; so is one cut at `max_tokens`, unless the letter is
    the last thing in it. `parser=rewardbench` looks for [[A]], [[B]], [[C]] and [[D]] in this order; it and the forms
    of reward-bench's judges name one of at most four responses, `mt-bench` one of two: more are refused. Our own
    wording; a file given as `template` replaces it and may use `question`, `answers`, `letters` and `reference`.
    """

    name = "listwise"
    summary = "sees all responses at once, reasons, then names the best one: [[A]], [[B]], ..."
    responses = (2, len(LETTERS))

    wording: ClassVar[str] = WORDING

    def __post_init__(self) -> None:
        """As many responses as the parser has letters for: a run that shows more is refused before it asks."""
        most = len(letters_of(self.parser, len(LETTERS)))
        object.__setattr__(self, "responses", (2, most))  # of this judge, not of its kind; it is no option

    @property
    def own_fields(self) -> Mapping[str, Any]:
        """The letters of the alphabet."""
        return {"letters": LETTERS}

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment of all responses."""
        return (await ask(self.model, self.request(trial)),)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """All of the probability for the letter that is named."""
        best = self.letter(trial, samples[0])
        return Preference(tuple(float(letter == best) for letter in self.letters(trial)), best)


COMPONENT = Listwise
