"""Tables of Meta-Rewarding Language Models (Wu et al. 2024)."""

from collections.abc import Sequence
from dataclasses import dataclass

from judgebench.reporting.paper_numbers import JUDGE, Column, Row
from judgebench.reporting.paper_table import PaperTable

PAPER = 'Wu et al. (2024), "Meta-Rewarding Language Models", arXiv 2407.19594v2'
ROWS = (
    "Seed: Llama-3-8B-Instruct; SFT: after training on judgments; MR: Meta-Rewarding; SR+LC: the same without judge "
    "training; it1 to it4: iterations"
)
PAIRWISE = "pairwise-accuracy,convention=meta-rewarding"
OPEN = "the paper's exact definition is remembered, not verified"
CUT = "digits are cut, not rounded (deduced from the counts that fit)"


def _rows(seed: str, sft: str, plain: Sequence[str], meta: Sequence[str]) -> tuple[Row, ...]:
    """The ten rows that most of its tables have."""
    return (
        Row("Seed", seed),
        Row("SFT", sft, also=("M0",)),
        *(Row(f"SR+LC it{number}", numbers) for number, numbers in enumerate(plain, start=1)),
        *(Row(f"MR it{number}", numbers, also=(f"M{number}",)) for number, numbers in enumerate(meta, start=1)),
    )


@dataclass(frozen=True)
class AlpacaEval(PaperTable):
    """Win rates on AlpacaEval 2."""

    name = "meta-rewarding-table-1"
    summary = "Meta-Rewarding, table 1: length-controlled win rate, win rate and length on AlpacaEval 2"
    paper = f"{PAPER}, table 1"
    benchmark = "alpaca-eval-2"
    columns = (
        Column("LC win rate, %", "lc-win-rate", decimals=2),
        Column("win rate, %", "win-rate", decimals=2),
        Column("length, characters", "average-length", decimals=0),
    )
    lines = _rows(
        "22.92 22.57 1899",
        "25.47 25.10 1943",
        ("26.93 27.12 1983", "30.38 29.77 1940", "34.87 34.59 1967", "35.49 35.37 2005"),
        ("27.85 27.62 1949", "32.66 33.29 2001", "35.45 37.24 2064", "39.44 39.45 2003"),
    )
    notes = (
        ROWS,
        "805 prompts against gpt-4-1106-preview, one judgment each in an order that the prompt fixes",
        "SR+LC it4 chose its pairs with rho 0.1, MR it4 with 0.4",
    )


@dataclass(frozen=True)
class ArenaHard(PaperTable):
    """Scores on Arena-Hard."""

    name = "meta-rewarding-table-2"
    summary = "Meta-Rewarding, table 2: score and length on Arena-Hard"
    paper = f"{PAPER}, table 2 (beside each score the ends of its 95 % interval)"
    benchmark = "arena-hard-v0.1"
    columns = (
        Column("score, %", "arena-score"),
        Column("length, characters", "average-length", decimals=0),
    )
    lines = _rows(
        "20.6(-2.0,1.8) 2485",
        "24.2(-2.0,1.8) 2444",
        ("23.2(-1.7,1.9) 2438", "26.3(-2.1,2.3) 2427", "28.2(-2.0,1.9) 2413", "27.3(-2.0,2.2) 2448"),
        ("25.1(-1.9,1.8) 2395", "27.4(-2.0,2.0) 2416", "27.6(-2.3,2.6) 2501", "29.1(-2.3,2.1) 2422"),
    )
    notes = (
        ROWS,
        "500 prompts, both orders, strong verdicts count three times; the paper's intervals resample games as if they "
        "were independent, ours resample prompts (`--mode official` does as the official code)",
        "lengths are of characters, where the leaderboard has tokens; for the seed its file has (-2.0, 1.9)",
    )


@dataclass(frozen=True)
class Agreement(PaperTable):
    """Agreement with a strong judge."""

    name = "meta-rewarding-table-3"
    summary = "Meta-Rewarding, table 3: agreement with GPT-4 on pairs that it chose, and on pairs of the judge's own"
    paper = f"{PAPER}, table 3"
    reference = "GPT-4"
    columns = tuple(
        Column(
            f"{whose} pairs: {what}, %",
            f"agreement-with-judge:{JUDGE}{pairs}{ties},repeats=mean",
            decimals=2,
            truncated=True,
        )
        for whose, pairs in (("GPT-4's", ""), ("own", ",pairs=best-worst"))
        for what, ties in (("agreement", ""), ("without ties", ",ties=skip"))
    )
    lines = _rows(
        "55.95 56.49 55.80 61.03",
        "51.48 51.79 61.66 73.51",
        ("56.54 57.97 55.17 59.59", "52.67 53.43 54.89 60.00", "55.65 55.90 61.13 72.68", "52.97 53.12 64.44 78.42"),
        ("56.54 57.23 60.06 68.75", "55.05 56.58 61.57 72.34", "58.63 61.24 63.43 76.80", "57.44 59.54 64.50 79.33"),
    )
    notes = (
        ROWS,
        "agreement = (agree + ties / 2) / N, without ties = agree / (N - ties), where a tie is two equal mean scores; "
        "the mean is over 11 judgments, unreadable ones left out: ours is over all repeats and samples",
        "GPT-4's pairs: two responses of the seed model, GPT-4 asked in both orders, pairs on which it disagrees with "
        "itself dropped; N = 168 for every row (deduced). Ours: every pair that the named judge decides",
        "own pairs: the best against the worst of 7 responses by the judge's own scores; N differs by row (deduced)",
        CUT,
    )


@dataclass(frozen=True)
class Rho(PaperTable):
    """Length control by the choice of pairs."""

    name = "meta-rewarding-table-4"
    summary = "Meta-Rewarding, table 4: the length-control parameter rho, win rates and length on AlpacaEval 2"
    paper = f"{PAPER}, table 4"
    benchmark = "alpaca-eval-2"
    columns = AlpacaEval.columns
    lines = (
        Row("SR+LC it4, rho 0", "34.68 36.11 2063"),
        Row("SR+LC it4, rho 0.1", "35.49 35.37 2005"),
        Row("SR+LC it4, rho 0.3", "35.83 31.95 1806"),
        Row("SR+LC it4, longer than 2500 dropped", "32.90 33.33 1982"),
        Row("MR it4, rho 0", "- - 2212"),
        Row("MR it4, rho 0.3", "- - 2127"),
        Row("MR it4, rho 0.35", "- - 2067"),
        Row("MR it4, rho 0.4", "39.44 39.45 2003"),
    )
    notes = (
        *AlpacaEval.notes[:2],
        "rho 0 pairs the best with the worst response; a larger one takes a shorter good one and a longer bad one",
    )


@dataclass(frozen=True)
class MetaJudgeBias(PaperTable):
    """What sways the meta-judge."""

    name = "meta-rewarding-table-5"
    summary = "Meta-Rewarding, table 5: how far the meta-judge prefers high scores, and a position"
    paper = f"{PAPER}, table 5"
    columns = (
        Column("higher score wins, %", "meta-judge-score-bias", decimals=2, truncated=True),
        Column("lower score wins, %", None, decimals=2, apart="it is 100 less the column before"),
        Column(
            "position, same score, %", "meta-judge-position-bias,among=same", decimals=2, truncated=True, apart=OPEN
        ),
        Column(
            "position, other score, %",
            "meta-judge-position-bias,among=different",
            decimals=2,
            truncated=True,
            apart=OPEN,
        ),
        Column("position, all, %", "meta-judge-position-bias", decimals=2, truncated=True, apart=OPEN),
    )
    lines = (
        Row("it1", "63.04 36.96 47.79 41.12 43.92", also=("MR it1", "M1")),
        Row("it2", "97.68 2.32 87.75 56.18 68.11", also=("MR it2", "M2")),
    )
    notes = (
        ROWS,
        "higher score wins: of the comparisons that the meta-judge decides; which these are is not stated; ours counts "
        "every order for itself (`orders=agree`: where both orders agree)",
        "position: read as the share of pairs where the same position wins after the swap",
        "of 11 judgments of a response every pair in both orders",
    )


@dataclass(frozen=True)
class MtBench(PaperTable):
    """Scores on MT-Bench."""

    name = "meta-rewarding-table-6"
    summary = "Meta-Rewarding, table 6: scores on MT-Bench, both turns and each"
    paper = f"{PAPER}, table 6"
    benchmark = "mt-bench"
    columns = (
        Column("score", "mt-bench-score", decimals=3),
        Column("turn 1", "mt-bench-score/turn-1", decimals=3),
        Column("turn 2", "mt-bench-score/turn-2", decimals=3),
        Column("length", "average-length", decimals=0, apart="ours adds both turns up; the paper does not say"),
    )
    lines = _rows(
        "8.116 8.319 7.911 1568",
        "7.943 8.138 7.747 1511",
        ("7.909 8.144 7.671 1576", "7.894 8.200 7.588 1570", "7.984 8.231 7.734 1528", "8.028 8.381 7.675 1539"),
        ("7.994 8.263 7.725 1555", "8.198 8.794 7.595 1577", "8.341 8.731 7.950 1596", "8.288 8.738 7.838 1592"),
    )
    notes = (ROWS, "80 questions of two turns, GPT-4 gives 1 to 10 points, each turn one judgment")


@dataclass(frozen=True)
class People(PaperTable):
    """Agreement with people."""

    name = "meta-rewarding-table-7"
    summary = "Meta-Rewarding, table 7: agreement with people's rankings, and Spearman's correlation"
    paper = f"{PAPER}, table 7"
    columns = (
        Column("agreement, %", f"{PAIRWISE},repeats=mean", decimals=2, truncated=True),
        Column("without ties, %", f"{PAIRWISE},ties=skip,repeats=mean", decimals=2, truncated=True),
        Column("Spearman", "spearman,repeats=mean", decimals=3, truncated=True, times=0.01),
    )
    lines = _rows(
        "62.81 64.18 .315",
        "63.20 64.59 .321",
        ("63.04 65.04 .298", "64.14 67.17 .347", "60.23 61.63 .251", "61.48 62.22 .283"),
        ("57.73 61.98 .210", "66.64 68.33 .382", "63.35 65.24 .329", "62.96 64.82 .326"),
    )
    notes = (
        ROWS,
        "190 held-out Open Assistant prompts with 580 responses; N = 640 pairs (deduced)",
        "a tie is two equal mean scores and counts one half, or is left out; a text without a score is left out",
        "Spearman by prompt, then averaged; prompts of which the judge scores all responses alike are left out of ours",
        "MR it1 is worse than the seed here: agreement with people does not grow with every iteration",
        CUT,
    )


COMPONENTS = (AlpacaEval, ArenaHard, Agreement, Rho, MetaJudgeBias, MtBench, People)
