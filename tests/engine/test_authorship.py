"""Whose response is the judge's own: by weights for policies, by name for ready responses."""

import pytest

from judgebench.engine.authorship import Authorship
from judgebench.store.manifest import Subject


def model(name, backend="llamacpp", **fingerprint):
    return {"backend": backend, "options": {"model": name}, **fingerprint}


def subject(kind, name, *models):
    return Subject(kind, name, {"component": "x", "options": {"model": list(models)}})


@pytest.fixture
def own():
    subjects = {
        "j": subject("judge", "lp", model("gpt-4", "openai")),
        "weights": subject("judge", "w", model("a.gguf", model="sha256:1")),
        "jury": Subject("judge", "jury", {"options": {"of": [{"options": {"model": [model("gpt-4", "openai")]}}]}}),
        "imported": Subject("judge", "claude", {"imported": "table"}),
        "same": subject("policy", "p", model("b.gguf", model="sha256:1")),
        "other": subject("policy", "q", model("a.gguf", model="sha256:2")),
        "server": subject("policy", "r", model("gpt-4", "openai")),
        "recorded": Subject("policy", "gpt-4", {"component": "recorded", "options": {"path": "x"}}),
    }
    return Authorship(subjects).own


@pytest.mark.parametrize(
    ("judge", "author", "is_own"),
    [
        ("weights", "same", True),  # the same weights under another name
        ("weights", "other", False),  # other weights under the same name
        ("j", "server", True),
        ("jury", "server", True),
        ("j", "recorded", True),  # a policy of no model, by its name
        ("j", "gpt-4", True),  # a ready response's author
        ("j", "gpt-3.5", False),
        ("j", "lp", True),
        ("imported", "claude", True),
        ("imported", "gpt-4", False),
    ],
)
def test_own(own, judge, author, is_own):
    assert own(judge, author) is is_own
