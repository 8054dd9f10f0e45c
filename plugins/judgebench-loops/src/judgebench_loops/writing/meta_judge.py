"""The meta-judge: what a judge of judgments is shown, as items and as templates for judgebench's own judges.

An item is the text of `meta_question` with two judgments as its responses. `verdict` with the long template writes
reasons and ends in a mark; `logprob` with the short one reads the next token. The meta-judge's verdicts on both orders
of all pairs are the input of Meta-Rewarding's selection.

Source: Wu et al. (2024), Meta-Rewarding Language Models, section 2.2 and figure 2. The wording is ours. The paper's
ends in `Winner: Judgement A`, ours in the mark that `verdict` reads; [[C]], a tie, is offered: the paper counts one as
won by neither.
"""

from pathlib import Path

RULES = """\
Begin at 0, and add one point for each of these that holds; they build on each other:
1. It has to do with what the user asks, and says something about it, however little.
2. It deals with a good part of what the user asks.
3. It answers the main points of the question in a way that helps.
4. It is written for the user as an assistant would: to the point, in good order, complete, and easy to follow.
5. Nothing could be better: it is made for this question, shows knowledge, and says nothing that is not needed."""
"""Five points that add up, as those of judgebench's judge `additive`."""

_QUESTION = """\
# The user's words
{question}

# The response that was judged
{response}"""
_RULES = """

# The rules for its points
{rules}"""


def meta_question(question: str, response: str, rules: str = RULES) -> str:
    """The text of an item: the user's words, the response that was judged, and the rules; none are shown if empty."""
    return _QUESTION.format(question=question, response=response) + (_RULES.format(rules=rules) if rules else "")


def meta_judge_template(short: bool = False) -> Path:
    """The template file for `verdict`, or the short one for `logprob`: what their option `template` is given."""
    return Path(__file__).with_name("meta_judge_short.jinja" if short else "meta_judge.jinja")
