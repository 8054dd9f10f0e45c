"""An example judge: a response scores the number of criteria that it meets, each asked about by itself."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from judgebench import (
    Ask,
    Chat,
    ConfigError,
    Judge,
    Message,
    ModelName,
    Response,
    Sample,
    Sampling,
    Score,
    Trial,
    VerdictError,
    hookimpl,
    option,
)

ASKED = """\
Here is a request and a response to it.

<request>
{request}
</request>

<response>
{response}
</response>

Does the response meet this criterion: {criterion}
Answer with one word, yes or no."""
WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Rubric(Judge):
    """Asks the model once for each response and each criterion; the score is the number of criteria that are met.

    An answer counts by its first word, which is yes or no, whatever its case. One that is neither makes the verdict a
    miss: a criterion that nobody answered for is not one that was not met.
    """

    name = "rubric"
    summary = "counts the criteria of your own that a response meets"
    responses = (1, 16)

    model: ModelName = option(help="the model that judges: a name under `models:`, or backend:model")
    criteria: tuple[str, ...] = option(help="what a good response does, one statement each")

    def __post_init__(self) -> None:
        """ConfigError without a criterion."""
        if not all(text.strip() for text in self.criteria) or not self.criteria:
            raise ConfigError("rubric: a criterion is empty or lacking", 'such as criteria=["It names a source."]')

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One short answer for each response, in the order they are shown, and for each criterion."""
        return [
            await ask(self.model, self.request(trial, response, criterion))
            for response in trial.responses
            for criterion in self.criteria
        ]

    def request(self, trial: Trial, response: Response, criterion: str) -> Chat:
        """What the model is asked about one response and one criterion."""
        text = ASKED.format(
            request="\n\n".join(trial.item.turns), response="\n\n".join(response.turns), criterion=criterion
        )
        return Chat((Message("user", text),), Sampling(max_tokens=4))

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Score:
        """How many answers about each response are a yes."""
        met = [_is_yes(sample.text) for sample in samples]
        each = len(self.criteria)
        return Score(tuple(float(sum(met[start : start + each])) for start in range(0, len(met), each)))


def _is_yes(text: str) -> bool:
    word = WORD.search(text.lower())
    if word is None or word[0] not in ("yes", "no"):
        raise VerdictError(f"the answer begins with neither yes nor no: {text[:40]!r}")
    return word[0] == "yes"


@hookimpl
def judgebench_components() -> Iterable[type]:
    """The judge."""
    return [Rubric]
