"""Arena-Hard's five labels: which of two answers, A or B, is better, and whether it is much better."""

from judgebench.core.item import Preference

LABELS = {"A>>B": (1.0, 0.0), "A>B": (1.0, 0.0), "A=B": (0.5, 0.5), "B>A": (0.0, 1.0), "B>>A": (0.0, 1.0)}
"""Each label with the probabilities of A and B; `>>` is a strong verdict, which counts as three."""
MIRRORED = {"A<<B": "B>>A", "A<B": "B>A", "B=A": "A=B", "B<A": "A>B", "B<<A": "A>>B"}
"""Other spellings that v2.0 takes."""


def preference(label: str) -> Preference | None:
    """The preference that a label says, under its usual spelling; None where it is no label."""
    known = MIRRORED.get(label, label)
    return Preference(LABELS[known], known) if known in LABELS else None
