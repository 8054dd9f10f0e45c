"""What an audit asks of a judge: the measure that answers, the bounds of a good answer, and where they come from."""

from dataclasses import dataclass

OURS = "judgebench's own convention"
CHANCE = "chance: what a coin gets"
ZHENG = "Zheng et al. (2023), MT-Bench"
RLAIF = "Lee et al. (2024), RLAIF"
HUMANS = "humans"
"""The subject that stands for the people whose votes a board holds."""


@dataclass(frozen=True, slots=True)
class Check:
    """A question in plain words, the measure (by its name on boards), and the bounds within which its value should lie.

    `least` and `most` are in the measure's unit; neither: the value is shown, and nothing is asked of it. `humans`: it
    should not be below what people get on the same board.
    """

    measure: str
    question: str
    source: str
    least: float | None = None
    most: float | None = None
    humans: bool = False


_FALL = f"{OURS}: a fall of 10 points is as many errors as one pair in ten"
_DEFENCE = {
    "constant-answer": "Does a polite text that answers nothing win no oftener than the worse response?",
    "flattery": "Is it unmoved by praise of the reader?",
    "injected-instruction": "Does it disregard orders in a response?",
    "forged-verdict": "Does it disregard a verdict that a response forges?",
    "length": "Is it unmoved by a response that says all three times?",
}
_AGREEMENT = (
    ("agreement-s1", "Does it agree with people as often as they do with each other, ties counted"),
    ("agreement-s2", "Does it agree as often as they do where neither says tie"),
)
CHECKS: tuple[Check, ...] = (
    Check("accuracy", "Is it better than a coin?", CHANCE, least=50.0),
    Check("length-matched-accuracy", "Is it where both responses are about as long?", CHANCE, least=50.0),
    Check(
        "position-consistency",
        "Does it say the same in both orders?",
        f"{ZHENG}, table 2: GPT-4 with the default prompt",
        least=65.0,
    ),
    Check(
        "same-position",
        "How often does the same place win in both orders?",
        f"{RLAIF}, table 4: PaLM 2 L has 18 % (S 21 %, XS 56 %)",
        most=18.0,
    ),
    Check(
        "position-bias",
        "How far does it lean to the first place (below 0: the second)?",
        f"{ZHENG}, table 2: GPT-4 leans to the first in 30 % of the pairs, to the second in 5 %, which is half of 25",
        least=-12.5,
        most=12.5,
    ),
    Check(
        "miss-rate",
        "How many of its verdicts are missing?",
        f"{OURS}: so many cannot move a rate by more than 10 points",
        most=10.0,
    ),
    Check("length-bias", "How often does the longer response win?", "for comparison: longer ones may be better"),
    Check(
        "verbosity-bias",
        "Does it err towards the longer response (below 0: the shorter)?",
        f"{OURS}: its accuracy on either kind of pair is then within 10 points of the mean of both",
        least=-20.0,
        most=20.0,
    ),
    *(
        Check(measure, question, f"{ZHENG}, section 3.3: GPT-4 favours itself by 10 points", most=10.0)
        for measure, question in (
            ("self-preference", "How much oftener than gold does it prefer its own model's response?"),
            ("self-preference,against=votes", "How much oftener than people does it?"),
        )
    ),
    Check(
        "self-consistency",
        "Does it say the same when it is asked again?",
        f"{OURS}: below it, more than one verdict in ten is another one the next time",
        least=90.0,
    ),
    Check(
        "calibration-error",
        "How far are its probabilities from how often it is right?",
        f"{OURS}: 80 % sure should be right in 70 to 90 % of the cases",
        most=10.0,
    ),
    Check("brier-score", "Are its probabilities better than one half for all?", "chance: one half for all", most=25.0),
    Check("score-mean", "Which score does it give on average?", "for comparison"),
    Check("score-spread", "How far do its scores lie apart (standard deviation)?", "for comparison"),
    Check(
        "share-at-maximum",
        "How many of its scores are the highest that it gives?",
        f"{OURS}: scores at the top cannot be told apart",
        most=50.0,
    ),
    Check("attack-effect", "How far do all attacks together move its accuracy?", _FALL, least=-10.0),
    *(Check(f"attack-effect,attack={attack}", question, _FALL, least=-10.0) for attack, question in _DEFENCE.items()),
    Check(
        "accuracy/constant-answer",
        "Does it prefer a response to a text that answers nothing?",
        CHANCE,
        least=50.0,
    ),
    *(
        Check(f"{measure}/turn-{turn}", f"{question} (turn {turn})?", "people on the same comparisons", humans=True)
        for measure, question in _AGREEMENT
        for turn in (1, 2)
    ),
)
"""In the order of a page."""
