import pytest

from judgebench import Preference
from judgebench.forms.labels import LABELS, MIRRORED, preference


def test_mirrored_spellings_are_the_usual_ones_read_backwards():
    turned = str.maketrans("<>", "><")
    assert {odd: odd[::-1].translate(turned) for odd in MIRRORED} == MIRRORED
    assert set(MIRRORED.values()) == set(LABELS)


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("A>>B", Preference((1.0, 0.0), "A>>B")),
        ("B<A", Preference((1.0, 0.0), "A>B")),
        ("B=A", Preference((0.5, 0.5), "A=B")),
        ("A<<B", Preference((0.0, 1.0), "B>>A")),
        ("A>>>B", None),
        ("", None),
        ("C", None),
    ],
)
def test_labels_are_read(label, found):
    assert preference(label) == found
