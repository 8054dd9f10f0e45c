"""Who wrote a response: is it the very model that judges it?"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from judgebench.engine.spec import label
from judgebench.store.manifest import Subject


class Authorship:
    """Tells a judge's own responses from others', by the subjects of the evidence."""

    def __init__(self, subjects: Mapping[str, Subject]) -> None:
        self._subjects = subjects
        self.own = cache(self._own)

    def _own(self, judge: str, author: str) -> bool:
        """Whether `author`, the key of a policy or the author of a ready response, is a model of the judge.

        Policies are compared by the weights that they are (a checkpoint's digest, where its backend gives one, else
        the model's name), ready responses by name: that of the model, or of the judge, as where verdicts were imported.
        """
        mine = self._subjects[judge]
        weights = set(_weights(mine.identity))
        policy = self._subjects.get(author)
        if policy is not None and (theirs := set(_weights(policy.identity))):
            return bool(weights & theirs)
        name = author if policy is None else policy.name
        return name == mine.name or name in {label(model) for _, model in weights}


def _weights(identity: Any) -> Iterator[tuple[str, str]]:
    """(backend, model) of every model in an identity, however deep it lies."""
    match identity:
        case {"backend": str(backend), **rest}:
            options = rest.get("options", {})
            model = rest.get("model") or (options.get("model") if isinstance(options, Mapping) else None)
            if isinstance(model, str):
                yield backend, model
        case Mapping():
            for value in identity.values():
                yield from _weights(value)
        case list() | tuple():
            for value in identity:
                yield from _weights(value)
