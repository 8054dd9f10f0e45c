"""The package itself, as the plugin is held to it: its annotators with scripted completions, and trials."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from judgebench_alpaca_eval import configs, package
from judgebench_alpaca_eval.judge import AlpacaEvalJudge

from judgebench import Completion, ConfigError, Item, Preference, Response, Sample, Trial, VerdictError

DEFAULT = "weighted_alpaca_eval_gpt4_turbo"


def judge(config: str = DEFAULT, **options: Any) -> AlpacaEvalJudge:
    return AlpacaEvalJudge("scripted:nobody", config, **options)


def supported() -> dict[str, AlpacaEvalJudge]:
    """Every annotator that our backends can ask, those that call a function included."""
    found = {}
    for name in configs.names():
        for functions in ("refuse", "schema"):
            made = judge(name, functions=functions)
            with suppress(ConfigError):
                made.needs()
                found[name] = made
    return found


def trial(instruction: str, first: str, second: str) -> Trial:
    responses = tuple(Response((text,), author) for text, author in ((first, "one"), (second, "two")))
    return Trial(Item("1", (instruction,)), responses, (0, 1))


def read(made: AlpacaEvalJudge, shown: Trial, completion: Completion) -> Preference | None:
    """The verdict; None for a miss."""
    try:
        return made.read(shown, (Sample("nobody", completion),))
    except VerdictError:
        return None


class Official:
    """One of the package's annotators, the order of the outputs left as it is, with completions of ours.

    `prompts` are those that it made, in the order of the rows.
    """

    def __init__(self, name: str) -> None:
        package.module("annotators")
        values = dict(configs.load(name).values)
        values.pop("pretty_name", None)
        values["is_randomize_output_order"] = False
        values["fn_completions"] = self._complete
        values["completions_kwargs"] = {}
        values["processors_to_kwargs"] = None
        annotators = package.module("annotators.pairwise_evaluator")
        self._annotator = annotators.SinglePairwiseAnnotator(
            base_dir=package.configurations(), is_shuffle=False, **values
        )
        self.key = values.get("completion_key", "completions")
        self.prompts: list[str] = []
        self._said: Sequence[Any] = ()

    def preferences(self, rows: Sequence[Mapping[str, str]], said: Sequence[Any]) -> list[float | None]:
        """The preferences (1 to 2) that it makes of what was said of the rows; None where it makes none."""
        self._said = said
        frame = package.module("utils").pd.DataFrame(list(rows))
        frame["row"] = range(len(rows))
        with package.unheard():
            found = self._annotator(frame)
        by_row = dict(zip(found["row"].tolist(), found["preference"].tolist(), strict=True))
        return [by_row.get(row) for row in range(len(rows))]

    def _complete(self, prompts: Sequence[str]) -> dict[str, Any]:
        self.prompts = list(prompts)
        return {self.key: list(self._said)}
