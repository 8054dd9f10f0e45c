"""One check of a component, and what it says where it fails or cannot be made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from unittest import SkipTest

LONGEST = 300
"""Characters of a line of an error: a judge's text may be long."""


class NotConforming(AssertionError):
    """A component breaks a rule of its kind: what was seen, and what is expected of it."""

    def __init__(self, seen: str, expected: str = "") -> None:
        super().__init__("\n".join(map(_line, filter(None, (seen, expected and f"expected: {expected}")))))


class NotChecked(SkipTest):
    """Why a check cannot be made here, such as an option that nobody gave: pytest shows it as a skip."""


@dataclass(frozen=True)
class Check:
    """One rule that a component of a kind keeps: call it, and it returns, or raises NotConforming or NotChecked.

    `about` is what is checked, as the end of a sentence that begins with the component's kind and name.
    """

    kind: str
    name: str
    about: str
    rule: Callable[[], None] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.about}"

    def __call__(self) -> None:
        """Make the check; whatever else a component raises is not conforming either."""
        try:
            self.rule()
        except (NotConforming, NotChecked):
            raise
        except Exception as error:  # a third party's code raises what it likes
            seen = f"{type(error).__name__}: {error}"
            raise NotConforming(f"it raised {seen}", f"{self.name} {self.about}") from error


def make_all(checks: Iterable[Check]) -> dict[str, str]:
    """Make these checks, and return why some of them could not be made here, by what they are about.

    For tests that cannot name their checks beforehand, as where a component needs a fixture. An ExceptionGroup of
    NotConforming, each of which says in a note which check it is of, where any of them fails.
    """
    failed: list[Exception] = []
    not_made: dict[str, str] = {}
    for check in checks:
        try:
            check()
        except NotChecked as why:
            not_made[check.about] = str(why)
        except NotConforming as error:
            error.add_note(str(check))
            failed.append(error)
    if failed:
        raise ExceptionGroup("it does not conform", failed)
    return not_made


def _line(text: str) -> str:
    """The text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} ..."
