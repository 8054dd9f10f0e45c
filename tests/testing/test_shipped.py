"""Everything that ships conforms: each component is shown to all checks of its kind."""

import mirror
import pytest
import recorded

from judgebench import app
from judgebench.components.judges.jury import Jury
from judgebench.components.judges.rating import Rating
from judgebench.components.judges.self_taught import SelfTaught
from judgebench.components.judges.verdict import Verdict
from judgebench.components.judges.vote import Vote
from judgebench.plugin.kinds import KINDS
from judgebench.testing import NotChecked, NotConforming, conformance, serve
from judgebench.testing.examples import items

REGISTRY = app.registry()
SHIPPED = [
    pytest.param(cls, id=f"{kind.kind} {name}")
    for kind in KINDS.values()
    for name in REGISTRY.names(kind)
    if REGISTRY.origins[cls := REGISTRY.get(kind, name)].distribution == "judgebench"
]
TEXTS = ("Both are fine. [[A]]", "The second is better. [[B]]")
ERRORS, CANCELLED = "lets the error of a call through", "lets a cancellation through"
ASKS_NOBODY = {ERRORS, CANCELLED}
NOT_CHECKED = {
    ("judge", "constant"): ASKS_NOBODY,
    ("judge", "first"): ASKS_NOBODY,
    ("judge", "longer"): ASKS_NOBODY,
    ("judge", "random"): ASKS_NOBODY,
    ("judge", "rlaif"): {"has presets that build"},  # one needs exemplars of the user's
    ("policy", "recorded"): ASKS_NOBODY,
    ("backend", "scripted"): {"says that a secret is missing"},
}
"""What cannot be checked of a component, since it asks nobody or needs nothing of the kind."""


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """What the components are checked with that need more than their defaults, by kind and name."""
    folder = mirror.write(tmp_path_factory.mktemp("shipped"))
    hub, judges = {"data_dir": str(folder / "mirror")}, (Verdict("one"), Rating("another"))
    drawn = SelfTaught("one", temperature=0.7)
    with serve(replies=TEXTS) as server:
        yield {
            ("backend", "openai"): {"model": "m", "base_url": server.url, "key": "MADE_UP_KEY", "concurrency": 8},
            ("backend", "scripted"): {"replies": TEXTS},
            ("policy", "recorded"): {"path": str(folder / "answers.jsonl"), "items": items()},
            ("judge", "jury"): Jury(("one", "another")).over(judges),
            ("judge", "vote"): Vote(("self-taught@one",), samples=3).over((drawn,)),
            ("measure", "agreement-with-judge"): {"judge": "subject 0"},
            ("measure", "section"): {"part": "chat"},
            ("benchmark", "pairs"): {"path": str(folder / "pairs.jsonl")},
            ("benchmark", "prompts"): {"path": str(folder / "prompts.jsonl")},
            ("benchmark", "ranked"): {"path": str(folder / "ranked.jsonl")},
            **{("import", name): {"paths": [path]} for name, path in recorded.write(folder / "recorded").items()},
            **{
                ("benchmark", name): hub
                for name in REGISTRY.names(KINDS["benchmark"])
                if "data_dir" in REGISTRY.get(KINDS["benchmark"], name).__dataclass_fields__
            },
        }


@pytest.mark.parametrize("cls", SHIPPED)
def test_it_conforms(cls, given, monkeypatch):
    monkeypatch.delenv("JUDGEBENCH_DATA", raising=False)
    key = (cls.kind, cls.name)
    options = given.get(key, {})
    checks = conformance(cls, examples=6, **options) if isinstance(options, dict) else conformance(options, examples=6)
    failed, not_made = {}, {}
    for check in checks:
        try:
            check()
        except NotChecked as why:
            not_made[check.about] = str(why)
        except NotConforming as error:
            failed[check.about] = str(error)
    assert not failed, failed
    assert not_made.keys() == NOT_CHECKED.get(key, set()), not_made
