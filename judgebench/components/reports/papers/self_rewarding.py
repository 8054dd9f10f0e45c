"""Tables of Self-Rewarding Language Models (Yuan et al. 2024)."""

from dataclasses import dataclass

from judgebench.reporting.paper_numbers import Column, Row
from judgebench.reporting.paper_table import PaperTable

PAPER = 'Yuan et al. (2024), "Self-Rewarding Language Models", arXiv 2401.10020'
ROWS = "SFT: instruction tuning alone; M1: with judgments too; M2, M3: after one and two rounds of DPO on own judgments"
JUDGED = (
    Column("pairwise accuracy, %", "pairwise-accuracy,convention=self-rewarding,repeats=mean"),
    Column("5-best, %", "five-best,repeats=mean"),
    Column("exact match, %", "exact-match,repeats=mean"),
    Column("Spearman", "spearman,repeats=mean", decimals=3, times=0.01),
    Column("Kendall", "kendall,repeats=mean", decimals=3, times=0.01),
)
CONVENTIONS = (
    "a score is 0 to 5, reasons first; how many judgments are averaged when the judge is measured is not stated (three "
    "when it makes training data): ours averages all repeats, and the samples of `additive`",
    "how the judge's ties count is not stated: here they are wrong, which fits the figures; `ties=half` and "
    "`ties=skip` move pairwise accuracy by many points",
    "a text without a score is left out; 5-best: of the responses scored 5, those that people rank first",
    "rank correlations are by prompt, then averaged (assumed); the variant of Kendall's tau is not stated: here b; "
    "prompts of which the judge scores all responses alike are left out (`undefined=zero` counts them)",
)


@dataclass(frozen=True)
class AlpacaEval(PaperTable):
    """Win rates on AlpacaEval 2."""

    name = "self-rewarding-table-1"
    summary = "Self-Rewarding, table 1: win rate and length on AlpacaEval 2"
    paper = f"{PAPER}, table 1"
    benchmark = "alpaca-eval-2"
    sources = "ZS"
    columns = (
        Column("win rate against GPT-4 Turbo, %", "win-rate", decimals=2),
        Column("length, characters", "average-length", decimals=0),
    )
    lines = (
        Row("M1", "9.94 1092S"),
        Row("M2", "15.38 1552S"),
        Row("M3", "20.44 2552S"),
        Row("GPT-4 0314", "22.07 -"),
        Row("Mistral Medium", "21.86 -"),
        Row("Claude 2", "17.19 -"),
        Row("Gemini Pro", "16.85 -"),
        Row("GPT-4 0613", "15.76 -"),
        Row("GPT-3.5 Turbo 0613", "14.13 -"),
        Row("LLaMA2-Chat-70B", "13.87 -"),
        Row("Vicuna-33B", "12.71 -"),
        Row("Humpback-70B", "10.12 -"),
        Row("Guanaco-65B", "6.86 -"),
        Row("Davinci001", "2.76 -"),
        Row("Alpaca-7B", "2.59 -"),
    )
    notes = (
        "805 prompts, one judgment each in a random order that the prompt fixes; the judge is asked for one token and "
        "its log-probabilities count",
        "the raw win rate, NOT the length-controlled one: the rows that the leaderboard has too equal its raw column "
        "(deduced); with the lengths growing 2.3 times, look at `lc-win-rate` too",
        "lengths are of characters (deduced: notes on the paper disagree)",
        "the leaderboard moved since: Gemini Pro is 16.85 in the paper and 18.18 in its stored file",
    )


@dataclass(frozen=True)
class Judge(PaperTable):
    """The model as a judge."""

    name = "self-rewarding-table-2"
    summary = "Self-Rewarding, reward modelling: how far each iteration's judge orders responses as people do"
    paper = f"{PAPER}, the table of reward modelling"
    columns = JUDGED
    lines = (
        Row("SFT", "65.1 39.6 10.1 0.253 0.233", also=("IFT",)),
        Row("M1", "78.7 41.5 13.1 0.279 0.253"),
        Row("M2", "80.4 44.3 14.3 0.331 0.315"),
        Row("M3", "81.7 43.2 14.3 0.349 0.324"),
    )
    notes = (
        ROWS,
        *CONVENTIONS,
        "Open Assistant prompts with 2.85 ranked responses on average; the split was not released, and differs between "
        "the versions: 531 (v1) or 541 (v2, v3) evaluation examples",
        "the exact matches cannot be shares of 190 prompts; 168 prompts fit (deduced): 17, 22 and 24",
    )


@dataclass(frozen=True)
class JudgePrompts(PaperTable):
    """Two ways to ask for a score."""

    name = "self-rewarding-table-5"
    summary = "Self-Rewarding, table 5 of the appendix: the additive prompt beside one of multiple choice"
    paper = f"{PAPER}, table 5 (appendix), on the SFT baseline"
    sources = "S"
    columns = JUDGED
    lines = (
        Row("multiple choice", "26.6 23.5 1.1 -0.18 -0.16"),
        Row("additive", "65.1 39.6 10.1 0.25 0.23"),
    )
    notes = (
        *CONVENTIONS,
        "multiple choice: the prompt of Li et al. (Instruction Backtranslation); its 26.6 % beside a Spearman of -0.18 "
        "alone is most easily explained by ties that count as wrong (deduced)",
    )


@dataclass(frozen=True)
class HeadToHead(PaperTable):
    """Each iteration against those before it."""

    name = "self-rewarding-head-to-head"
    summary = "Self-Rewarding, figure: each iteration against those before it, wins, ties and losses"
    paper = f"{PAPER}, the figure of head-to-head evaluations"
    columns = (
        Column("wins, %", "wins", between=True),
        Column("ties, %", "ties", between=True),
        Column("losses, %", "losses", between=True),
    )
    lines = (
        Row("M1 vs SFT", "30.5 38.7 30.9"),
        Row("M2 vs SFT", "49.2 36.3 14.5"),
        Row("M3 vs SFT", "62.5 27.7 9.8"),
        Row("M2 vs M1", "55.5 32.8 11.7"),
        Row("M3 vs M2", "47.7 39.8 12.5"),
        Row("M3 vs M1", "68.8 22.7 8.6"),
    )
    notes = (
        ROWS,
        "256 test prompts, GPT-4 with AlpacaEval's prompt, in both orders: two orders that disagree are a tie",
        "M1 against SFT is 78, 99 and 79 of 256 (deduced)",
    )


@dataclass(frozen=True)
class MtBench(PaperTable):
    """Scores on MT-Bench."""

    name = "self-rewarding-mt-bench"
    summary = "Self-Rewarding, MT-Bench: scores of each iteration, overall and by category"
    paper = f"{PAPER}, the tables of MT-Bench"
    benchmark = "mt-bench"
    sources = "S"
    columns = (
        Column("overall", "mt-bench-score", decimals=2),
        Column(
            "math, code, reasoning", None, decimals=2, apart="no measure is over several categories; they stand apart"
        ),
        Column("all others", None, decimals=2, apart="no measure is over several categories; they stand apart"),
        *(
            Column(name, f"mt-bench-score/{name}", decimals=2)
            for name in ("writing", "roleplay", "reasoning", "math", "coding", "extraction", "stem", "humanities")
        ),
    )
    lines = (
        Row("SFT", "6.85 3.93 8.60 8.83 8.15 5.30 3.00 3.50 6.90 9.18 9.95"),
        Row("M1", "6.78 3.83 8.55 9.10 7.65 4.35 3.05 4.10 7.20 8.93 9.85"),
        Row("M2", "7.01 4.05 8.79 9.10 8.00 4.60 3.30 4.25 7.65 9.40 9.80"),
        Row("M3", "7.25 4.17 9.10 9.58 8.73 4.80 3.50 4.20 7.80 9.45 9.95"),
    )
    notes = (ROWS, "GPT-4 gives 1 to 10 points, 80 questions of two turns, each turn one judgment")


COMPONENTS = (AlpacaEval, Judge, JudgePrompts, HeadToHead, MtBench)
