"""verdict: a judge that reasons, then ends with [[A]], [[B]] or [[C]]."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from judgebench.core.item import Preference, Sample, Trial
from judgebench.judging.marks import VERDICTS, letters_of
from judgebench.judging.prompted import Marked
from judgebench.plugin.kinds import Ask

WORDING = """\
Compare two answers to the same request. The better answer is the one that does what the request asks for: it is \
correct, complete, keeps to every condition of the request, is safe and clear. Ignore the order of the answers and \
their length.

# Request
{{ question }}
{% if reference %}
# An answer known to be right
{{ reference }}
{% endif %}
# Answer A
{{ answers[0] }}

# Answer B
{{ answers[1] }}

# Your verdict
First say in at most three sentences where the answers differ in doing what the request asks for. Then end with one \
line that holds only your verdict: [[A]] if answer A is better, [[B]] if answer B is better, [[C]] if they are \
equally good."""


@dataclass(frozen=True)
class Verdict(Marked):
    """Reasoning first, then one mark. A text with no mark, or with two different ones, is a miss.

    So is a text cut at `max_tokens`, unless a mark is the last thing in it. `parser` names an official one instead
    (`judgebench.judging.marks`), whose rules are its own: [[A]] is looked for before [[B]], for one. To reward-bench's
    forms [[C]] is no tie but no verdict.

    Our own wording; a file given as `template` replaces it and may use `question`, `answers` and
    `reference`.
    """

    name = "verdict"
    summary = "reasons, then ends with [[A]], [[B]] or [[C]] (tie)"

    wording: ClassVar[str] = WORDING

    def letters(self, trial: Trial) -> str:
        """A and B, and C for a tie where the parser has one."""
        return letters_of(self.parser, 2, tie=True)

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment."""
        return (await ask(self.model, self.request(trial)),)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """The one mark of the text."""
        mark = self.letter(trial, samples[0])
        return Preference(VERDICTS[mark], mark)


COMPONENT = Verdict
