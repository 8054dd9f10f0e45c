"""self-taught: Self-Taught Evaluators' judge: reasons, then [[A]] or [[B]], and no tie."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from judgebench.core.errors import VerdictError
from judgebench.core.item import Preference, Sample, Trial
from judgebench.judging.marks import VERDICTS
from judgebench.judging.prompted import Marked
from judgebench.plugin.kinds import Ask
from judgebench.plugin.options import TokenLimit, option
from judgebench.plugin.transcript import without_reasoning

WORDING = """\
Two assistants answered the same user. Decide which of them follows the instructions better and answers the question \
better.
{%- if plan %} Work in three steps. First look for mistakes in both answers. Then write down one to five criteria that \
matter for this question, and hold both answers to each of them. Only then decide.
{%- else %} Look at whether each answer is useful, to the point, right, deep enough, creative where that is asked for, \
and detailed enough, and explain in a few words how they compare.
{%- endif %} Do not let the order in which they are shown, their length or the assistants' names influence you. One of \
the two must be chosen.

# Question
{{ question }}
{% if reference %}
# An answer known to be right
{{ reference }}
{% endif %}
# Assistant A
{{ answers[0] }}

# Assistant B
{{ answers[1] }}

End with one line that holds only your decision: [[A]] if assistant A is better, [[B]] if assistant B is better."""

_TAG = re.compile(r"\[\[([AB])\]\]")


@dataclass(frozen=True)
class SelfTaught(Marked):
    """Reasoning first, then [[A]] or [[B]]; there is no tie, and all of the probability is the named one's.

    `both_tags` says what a text is that names both: `miss`, no verdict, as the filter of the training data has it; or
    `first-letter`, [[A]] wherever it stands, as the released code scores RewardBench (A is looked for first, which
    favours it). That rule reads texts that were cut, and marks that are quoted, too. A text without a tag is a miss;
    the paper's half credit for it is the measure's convention (`convention=rewardbench`).

    Presets: `greedy` is the paper's evaluation; `sampled` is drawn as for its majority vote of 32
    (`vote:self-taught@MODEL,preset=self-taught`); `training` as for its training data. `plan=true` asks for criteria
    before the comparison, after the prompt that wrote judgments for the released model. Our own wording; a file given
    as `template` replaces it and may use `question`, `answers`, `reference` and `plan`.

    Source: Wang et al. (2024), Self-Taught Evaluators, sections 3 and 4, and the code of its release.
    """

    name = "self-taught"
    summary = "reasons, then ends with [[A]] or [[B]]: there is no tie"
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "greedy": {"temperature": 0.0, "max_tokens": 2048},
        "sampled": {"temperature": 0.7, "top_p": 0.9, "max_tokens": 2048},
        "training": {"temperature": 0.7, "top_p": 0.9, "max_tokens": 4096},
    }

    wording: ClassVar[str] = WORDING

    max_tokens: TokenLimit = option(2048, help="longest judgment in tokens, reasoning included")
    both_tags: Literal["miss", "first-letter"] = option("miss", help="a text with both tags: no verdict, or [[A]]")
    plan: bool = option(False, help="ask for criteria first, then for the comparison")

    @property
    def own_fields(self) -> Mapping[str, Any]:
        """Whether criteria are asked for."""
        return {"plan": self.plan}

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment."""
        return (await ask(self.model, self.request(trial)),)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """The tag of the text."""
        tag = self._first_letter(samples[0]) if self.both_tags == "first-letter" else self.letter(trial, samples[0])
        return Preference(VERDICTS[tag], tag)

    def _first_letter(self, sample: Sample) -> str:
        found: set[str] = set(_TAG.findall(without_reasoning(sample.text, self.strip_reasoning)))
        if not found:
            raise VerdictError("no verdict")
        return min(found)


COMPONENT = SelfTaught
