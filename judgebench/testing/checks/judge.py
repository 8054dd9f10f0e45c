"""What every judge does, whatever it is shown and told."""

from collections.abc import Sequence

from judgebench.core.errors import RequestError, TransientError
from judgebench.core.item import Sample, Trial
from judgebench.core.request import Completion
from judgebench.engine.guard import checked_parts
from judgebench.plugin.kinds import Judge
from judgebench.testing.asking import Asking
from judgebench.testing.check import NotChecked, NotConforming
from judgebench.testing.examples import trials
from judgebench.testing.judging import (
    Said,
    Saying,
    asking,
    first_and_last,
    judged,
    read,
    renamed,
    sampled,
    sampling,
    shown_to,
    turned,
    unknown,
    well_formed,
)
from judgebench.testing.rule import Rule
from judgebench.testing.running import cancelled, outcome
from judgebench.testing.subject import Subject, only_its_own

MOST = 4
"""Responses of the largest trial that is shown."""


def gives_verdicts(subject: Subject[Judge]) -> None:
    """Some of what its models say is a verdict: one finite number a response; probabilities sum to 1 within 1e-9."""
    judge = subject.built
    found = 0
    shown = shown_to(judge, subject.given)
    for trial, reply in [*((one, None) for one in shown), *((shown[0], reply) for reply in subject.given.replies)]:
        said = judged(judge, trial, asking(subject.given, reply))[1]
        if not isinstance(said, str):
            found += 1
            well_formed(said, len(trial.responses))
    if not found:
        raise NotChecked("no reply that is tried holds a verdict: give replies=[...] that it can read")


def is_deterministic(subject: Subject[Judge]) -> None:
    """The same answers of its models give the same questions, samples and verdict."""
    judge = subject.built
    for trial in shown_to(judge, subject.given):
        once, again = asking(subject.given), asking(subject.given)
        first, second = judged(judge, trial, once), judged(judge, trial, again)
        if once.asked != again.asked:
            raise NotConforming(f"it asked {once.asked}, then {again.asked}", "the same questions about the same trial")
        if first != second:
            raise NotConforming(f"it said {first[1]}, then {second[1]}", "the same of the same trial")


def reads_purely(subject: Subject[Judge]) -> None:
    """`read` needs the trial and the samples alone: again, and after others, it says the same."""
    judge = subject.built
    told: list[tuple[Trial, tuple[Sample, ...], Said]] = []
    for trial in shown_to(judge, subject.given):
        for reply in (None, *subject.given.replies[:2]):  # others in between: a judge that remembers is found out
            if (samples := sampled(judge, trial, asking(subject.given, reply))) is not None:
                told.append((trial, samples, read(judge, trial, samples)))
    for trial, samples, before in reversed(told):
        if (after := read(judge, trial, samples)) != before:
            raise NotConforming(f"read() said {before}, then {after} of the same samples", "the same every time")


def looks_at_texts_alone(subject: Subject[Judge]) -> None:
    """A trial's order, authors' names and what is known to be right change nothing of what it asks and says."""
    judge = subject.built
    for trial in shown_to(judge, subject.given):
        others = (
            ("the trial's order", turned(trial)),
            ("the authors' names", renamed(trial)),
            ("what is known to be right", unknown(trial)),
        )
        for what, other in others:
            once, again = asking(subject.given), asking(subject.given)
            first, second = judged(judge, trial, once)[1], judged(judge, other, again)[1]
            if [one.request for one in once.asked] != [one.request for one in again.asked]:
                raise NotConforming(f"with other values of {what} it asks something else", "it asks about texts alone")
            if first != second:
                raise NotConforming(f"with other values of {what}: {second}, before: {first}", "the same verdict")


def reads_any_text(subject: Subject[Judge]) -> None:
    """Odd texts, finishes and log-probabilities give a verdict or a VerdictError, and nothing else."""
    from hypothesis import given
    from hypothesis import strategies as st

    from judgebench.testing.drawing import drawn
    from judgebench.testing.strategies import completions

    judge = subject.built
    shown = shown_to(judge, subject.given)

    @drawn(subject.given.examples)
    @given(st.sampled_from(range(len(shown))), st.lists(completions(), min_size=1, max_size=3))
    def any_text(which: int, told: list[Completion]) -> None:
        trial = shown[which]
        try:
            samples = sampled(judge, trial, Asking(Saying(told)))
            if samples is None:
                return
            said = read(judge, trial, samples)
            checked_parts(judge.parts(trial, samples), len(trial.responses))
        except Exception as error:
            seen = f"{type(error).__name__}: {error}, of {told!r}"
            raise NotConforming(seen, "a verdict, or a VerdictError") from error
        if not isinstance(said, str):
            well_formed(said, len(trial.responses))

    any_text()


def asks_its_own_models(subject: Subject[Judge]) -> None:
    """It asks the models that its options name, and only for what `needs` says."""
    judge = subject.built
    for trial in shown_to(judge, subject.given):
        ask = asking(subject.given)
        sampled(judge, trial, ask)
        only_its_own(judge, ask)


def takes_any_number(subject: Subject[Judge]) -> None:
    """It judges as many responses as `responses` says, at least and at most, up to four."""
    judge = subject.built
    least, most = judge.responses
    if not 1 <= least <= most:
        raise NotConforming(f"responses is {judge.responses}", "at least 1, and no more than the second number")
    for number in range(least, min(most, MOST) + 1):
        for trial in trials(number, subject.given.items):
            said = judged(judge, trial, asking(subject.given))[1]
            if not isinstance(said, str):
                well_formed(said, len(trial.responses))


def lets_errors_through(subject: Subject[Judge]) -> None:
    """An error of its first or last call reaches the caller as it is: the engine decides what to do about it."""
    judge = subject.built
    trial = shown_to(judge, subject.given)[0]
    for error in (RequestError("too long for the model"), TransientError("too many requests")):
        for number in first_and_last(judge, trial, subject.given):
            try:
                sampled(judge, trial, asking(subject.given, fails={number: error}))
            except (RequestError, TransientError) as raised:
                if raised is error:
                    continue
                raise NotConforming(
                    f"another {type(raised).__name__} comes of it", "the error that was raised"
                ) from None
            except Exception as raised:
                seen = f"{type(raised).__name__}: {raised} in the place of a {type(error).__name__}"
                raise NotConforming(seen, "the error that was raised") from raised
            raise NotConforming(f"it swallows a {type(error).__name__} of call {number}", "the error that was raised")


def lets_cancellation_through(subject: Subject[Judge]) -> None:
    """Cancelled while a call is in flight, it ends so."""
    judge = subject.built
    trial = shown_to(judge, subject.given)[0]
    for number in first_and_last(judge, trial, subject.given):
        ask = asking(subject.given, waits=(number,))
        outcome(cancelled(sampling(judge, trial, ask), ask))


def gives_parts(subject: Subject[Judge]) -> None:
    """`parts` are rows of one number (or None) a response, or empty ones, and the same every time."""
    judge = subject.built
    for trial in shown_to(judge, subject.given):
        samples = sampled(judge, trial, asking(subject.given))
        if samples is None:
            continue
        parts = judge.parts(trial, samples)
        if not isinstance(parts, Sequence) or not all(isinstance(part, tuple) for part in parts):
            raise NotConforming(f"parts() is {parts!r}", "a sequence of tuples")
        try:
            checked_parts(parts, len(trial.responses))
        except ValueError as error:
            raise NotConforming(str(error), "a number or None for each response, or nothing") from None
        if list(parts) != list(judge.parts(trial, samples)):
            raise NotConforming("parts() are others the second time", "the same of the same samples")


RULES = (
    Rule("gives one number to each response, and probabilities sum to 1", gives_verdicts),
    Rule("asks and says the same twice", is_deterministic),
    Rule("reads nothing but its samples", reads_purely),
    Rule("looks at neither a trial's order, nor authors' names, nor what is right", looks_at_texts_alone),
    Rule("makes a verdict or a VerdictError of any text", reads_any_text),
    Rule("asks the models that its options name, for what it needs", asks_its_own_models),
    Rule("judges any number of responses that it says it takes", takes_any_number),
    Rule("lets the error of a call through", lets_errors_through),
    Rule("lets a cancellation through", lets_cancellation_through),
    Rule("gives parts of one number a response", gives_parts),
)
