"""Whether a component tells a secret."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from unittest import mock

from judgebench.core.errors import ConfigError
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import Backend, Judge, Policy
from judgebench.plugin.options import build, options
from judgebench.testing.check import NotConforming
from judgebench.testing.examples import items
from judgebench.testing.judging import asking, sampled, shown_to
from judgebench.testing.rule import Rule
from judgebench.testing.running import outcome
from judgebench.testing.subject import Subject

MARKER = "sk-made-up-secret-3f9a1c"
USUAL = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "API_KEY")


def tells_no_secret(subject: Subject[Component]) -> None:
    """What is in the environment when a component is made shows in none of the texts that a record or log may hold."""
    component = subject.built
    names = (*USUAL, *(component.secrets if isinstance(component, Backend) else ()))
    with _environment(dict.fromkeys(names, MARKER)):
        try:
            made = build(subject.cls, options(component), component.name)
        except ConfigError as error:
            said = {"an error": str(error)}
        else:
            told = {"repr()": repr(made), "str()": str(made), "the options": str(options(made))}
            said = {**told, "fingerprint()": str(made.fingerprint()), "what it asks": _asked(component, subject)}
    for where, text in said.items():
        if MARKER in text:
            raise NotConforming(f"{where} holds a secret of the environment", "names of secrets, never their values")


def _asked(component: Component, subject: Subject[Component]) -> str:
    """The requests of a judge or policy, which a record and a cache hold."""
    ask = asking(subject.given)
    if isinstance(component, Judge):
        for trial in shown_to(component, subject.given):
            sampled(component, trial, ask)
    elif isinstance(component, Policy):
        for item in subject.given.items or items():
            with suppress(Exception):  # that it fails is told by other checks
                outcome(component.respond(item, ask))
    return repr(ask.asked)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    with mock.patch.dict(os.environ, values):
        yield


RULES = (Rule("tells no secret", tells_no_secret),)
