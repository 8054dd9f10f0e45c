"""From a completion to a preference, by the package's own parsers."""

import copy
import math
from collections.abc import Mapping
from typing import Any

from judgebench import Completion, Preference, VerdictError
from judgebench_alpaca_eval import package
from judgebench_alpaca_eval.annotator import Annotator

_ROOM = 120


def preference(annotator: Annotator, completion: Completion) -> Preference:
    """Which output is better, in shown order. VerdictError where the parser finds none.

    The package's scale runs from 1 (the first is better) to 2 (the second); 0 and 1.5 are draws.
    """
    parse = package.parser(annotator.parser)
    given = completion.text if annotator.top is None else official_form(completion)
    try:
        with package.unheard():
            # a copy, because regex_parser puts compiled patterns into what it is given
            found = list(parse(given, **copy.deepcopy(dict(annotator.parser_options))))
    except Exception as error:  # a parser raises whatever comes: the package too catches everything and goes on
        raise VerdictError(_shortened(f"{annotator.parser}: {type(error).__name__}: {error}")) from None
    if len(found) != 1:
        raise VerdictError(f"{annotator.parser} found {len(found)} verdicts, not one")
    value = found[0]
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise VerdictError(_shortened(f"{annotator.parser} found no verdict" + ("" if _nan(value) else f": {value!r}")))
    if value == 0:
        return Preference((0.5, 0.5))
    if not 1 <= value <= 2:
        raise VerdictError(f"{annotator.parser} gave {value:g}, outside of 1 to 2")
    return Preference((float(2 - value), float(value - 1)))


def official_form(completion: Completion) -> Mapping[str, Any]:
    """Log-probabilities of a first token in the form of OpenAI's answers, as far as the parsers look at it."""
    top = [{"token": token, "logprob": value} for token, value in completion.logprobs]
    return {"text": completion.text, "logprobs": {"content": [{"top_logprobs": top}]}}


def _nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _ROOM else line[: _ROOM - 1] + "…"
