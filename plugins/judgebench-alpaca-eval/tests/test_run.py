"""A run as a user makes it, and its board as AlpacaEval's csv, held to the package's own metrics."""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from alpaca_eval_kit import DEFAULT, judge
from judgebench_alpaca_eval import package
from judgebench_alpaca_eval.report import COLUMNS, AlpacaEvalLeaderboard

from judgebench import ConfigError, DataError, Estimate, Leaderboard

SAID = {
    "unreadable": {"The": -0.1},
    "undecided": {"m": -0.8, "M": -0.8},
    "alpha": {"m": -0.05, "M": -4.0},
    "beta": {"m": -1.25, "M": -0.4},
    "gamma": {"M": -0.2, "Both": -3.0},
}
"""What the judge says of an answer that begins so and is shown first; of one shown second, with the names turned."""
ANSWERS = {
    "one": ("alpha", "alpha and more", "gamma", "undecided", "alpha"),
    "two": ("beta", "alpha at length, with much more to say", "undecided", "beta", "gamma"),
    "three": ("gamma", "gamma", "alpha", "unreadable", "beta and so on"),
}
"""What the policies answer to questions with the words below, and to others."""
QUESTIONS = ("How", "What", "Please", "Can")
PANDAS = pytest.mark.filterwarnings("ignore:The inplace keyword")  # the package's own use of pandas
MEASURES = [
    *("lc-win-rate", "win-rate", "discrete-win-rate", "average-length"),
    *("wins,orders=average", "ties,orders=average", "losses,orders=average"),
]


@dataclass
class Done:
    where: Path
    records: list[dict[str, Any]]


def judgebench(*arguments: str, where: Path) -> str:
    command = [str(Path(sys.executable).parent / "judgebench"), *arguments]
    environment = {**os.environ, "JUDGEBENCH_CACHE": str(where / "cache")}
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    where = tmp_path_factory.mktemp("run")
    template = judge().annotator.template
    before = [template.partition(f"{{{place}}}")[0][-60:] for place in ("output_1", "output_2")]
    assert before[0] != before[1]
    turned = {"m": "M", "M": "m"}
    rules = [
        {
            "match": before[place] + word,
            "logprobs": {turned.get(name, name) if place else name: p for name, p in said.items()},
        }
        for word, said in SAID.items()
        for place in (0, 1)
    ]
    write(where / "rules.jsonl", rules)
    policies = []
    for name, answers in ANSWERS.items():
        pairs = zip((*QUESTIONS, ""), answers, strict=True)
        write(where / f"{name}.jsonl", [{"match": question, "reply": answer} for question, answer in pairs])
        policies += ["--policy", f"{name}=scripted:{name}.jsonl"]
    named = f"alpaca-eval@scripted:rules.jsonl,config={DEFAULT},order=seeded"
    judgebench("run", "starter", *policies, "--judge", named, "--limit=40", "--out=out", where=where)
    measures = [option for name in MEASURES for option in ("--measure", name)]
    asked = ["--format", "alpaca-eval", "--mode", "official", "--replicates", "100", "--interval", "percentile"]
    (where / "leaderboard.csv").write_text(judgebench("leaderboard", "out", *asked, *measures, where=where))
    return Done(where, [json.loads(line) for line in (where / "out/record.jsonl").read_text().splitlines()])


def write(path: Path, rules: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(rule) + "\n" for rule in rules))


@pytest.fixture(scope="module")
def board(done: Done) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((done.where / "leaderboard.csv").read_text())))


def preferences(done: Done, policy: str) -> list[float]:
    """As AlpacaEval records them: 2 where the policy wins, NaN where nothing was read."""
    found = []
    for line in done.records:
        if line["line"] == "verdict" and line["slots"][0].partition("#")[0] == policy:
            probs = (line.get("preference") or {}).get("probs")
            found.append(float("nan") if probs is None else 1.0 + probs[line["order"].index(0)])
    assert len(found) == 40
    return found


def lengths(done: Done, policy: str) -> list[int]:
    lines = [line for line in done.records if line["line"] == "answer" and line["policy"].partition("#")[0] == policy]
    assert len(lines) == 40
    return [sum(map(len, line["response"]["turns"])) for line in lines]


def test_the_figures_are_the_packages(done: Done, board: list[dict[str, str]]) -> None:
    get_winrate = package.module("metrics").get_winrate
    pandas = package.module("utils").pd
    outcomes = 0
    for row in board:
        said = preferences(done, row[""])
        theirs = get_winrate(pandas.DataFrame({"preference": said}))
        for name in ("win_rate", "standard_error", "n_wins", "n_wins_base", "n_draws", "n_total", "discrete_win_rate"):
            assert float(row[name]) == pytest.approx(float(theirs[name]), abs=1e-9), (row[""], name)
        assert row["avg_length"] == str(int(fmean(lengths(done, row[""]))))
        outcomes += sum(theirs[name] > 0 for name in ("n_wins", "n_wins_base", "n_draws")) + (theirs["n_total"] < 40)
    assert outcomes >= 9  # wins, losses, draws and misses are there to be counted


@PANDAS
def test_columns_and_order_are_the_packages(done: Done, board: list[dict[str, str]]) -> None:
    pandas = package.module("utils").pd
    shipped = package.configurations().parent / f"leaderboards/data_AlpacaEval_2/{DEFAULT}_leaderboard.csv"
    assert list(pandas.read_csv(shipped).columns[1:]) == list(COLUMNS)
    controlled = [float(row["length_controlled_winrate"]) for row in board]
    assert len(set(controlled)) == 3
    with package.unheard():
        frame, _ = package.module("main").evaluate(
            precomputed_leaderboard=str(done.where / "leaderboard.csv"),
            is_return_instead_of_print=True,
            is_cache_leaderboard=False,
            output_path=None,
        )
    assert list(frame.index) == [row[""] for row in board]
    assert frame["length_controlled_winrate"].tolist() == controlled
    assert frame["n_total"].tolist() == [int(row["n_total"]) for row in board]
    assert (frame["mode"] == "community").all()


@PANDAS
def test_the_package_prints_it(done: Done, capsys: pytest.CaptureFixture[str]) -> None:
    with package.unheard():
        package.module("main").evaluate(
            precomputed_leaderboard=str(done.where / "leaderboard.csv"),
            leaderboard_mode_to_print="community",
            is_cache_leaderboard=False,
            output_path=None,
        )
    assert {"one", "two", "three"} <= set(capsys.readouterr().out.split())


def estimate(measure: str, subject: str = "one", value: float = 12.5, **more: Any) -> Estimate:
    given: dict[str, Any] = {"benchmark": "alpaca-eval-2", "judge": "j", **more}
    return Estimate(
        given["benchmark"], subject, given["judge"], measure, value, 0.0, 99.0, 0.95, 8, 0, "percentile", 1.25
    )


def rendered(*estimates: Estimate, mode: str = "corrected") -> list[dict[str, str]]:
    board = Leaderboard("title", "alpaca-eval-2", mode, estimates)
    return list(csv.DictReader(io.StringIO(AlpacaEvalLeaderboard().render(board))))


def test_what_the_board_lacks_is_left_empty() -> None:
    [row] = rendered(estimate("win-rate"), estimate("wins"))
    assert {name for name, cell in row.items() if cell} == {"", "win_rate", "n_total", "mode"}
    [row] = rendered(estimate("win-rate"), estimate("lc-win-rate"), mode="official")
    assert (row["standard_error"], row["lc_standard_error"]) == ("1.25", "1.25")


def test_without_length_control_it_is_sorted_by_win_rate() -> None:
    rows = rendered(
        estimate("win-rate", "low", 1.0), estimate("win-rate", "high", 9.0), estimate("win-rate", "mid", 5.0)
    )
    assert [row[""] for row in rows] == ["high", "mid", "low"]


def test_a_policy_without_length_control_comes_last() -> None:
    rows = rendered(estimate("win-rate", "a", 99.0), estimate("win-rate", "b"), estimate("lc-win-rate", "b", 3.0))
    assert [row[""] for row in rows] == ["b", "a"]


def test_one_judge_and_one_benchmark() -> None:
    with pytest.raises(ConfigError, match="of one judge, and the board has j, k"):
        rendered(estimate("win-rate"), estimate("win-rate", judge="k"))
    with pytest.raises(ConfigError, match="of one benchmark, and the board has alpaca-eval-2, starter"):
        rendered(estimate("win-rate"), estimate("win-rate", benchmark="starter"))
    with pytest.raises(DataError, match="no win rates") as caught:
        rendered(estimate("average-length", judge=None))
    assert "--measure win-rate" in caught.value.hint
