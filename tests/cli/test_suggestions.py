"""What a user is told who mistypes a word: the nearest that there is."""

import pytest
from own_plugins import write

SUGGESTIONS = [
    ("leaderbord runs/weekly", 2, "No such command 'leaderbord'", "did you mean 'leaderboard'?"),
    ("data lst", 2, "No such command 'lst'", "did you mean 'list'?"),
    ("plugin chek x", 2, "No such command 'chek'", "did you mean 'check'?"),
    ("run starter --polcy x", 2, "No such option '--polcy'", "did you mean '--policy'?"),
    ("compare x --fail-if wors", 2, "'wors' is not one of", "did you mean 'worse'?"),
    ("leaderboard runs/weekly --mode oficial", 2, "'oficial' is not one of", "did you mean 'official'?"),
    ("import table x --out y --items fiel", 2, "'fiel' is not one of", "did you mean 'file'?"),
    ("plugin new x --kind jugde", 2, "'jugde' is not one of", "did you mean 'judge'?"),
    ("list jugdes", 2, "there is no kind 'jugdes'", "did you mean 'judges'?"),
    ("run startr --judge longer", 2, "there is no benchmark 'startr'", "did you mean 'starter'?"),
    ("run starter --judge lnoger", 2, "there is no judge 'lnoger'", "did you mean 'longer'?"),
    ("run starter --judge verdict@opnai:x", 2, "there is no backend 'opnai'", "did you mean 'openai'?"),
    ("run starter --judge verdict@x --model xy=openai:y", 2, "there is no model 'x'", "did you mean 'xy'?"),
    ("run starter --policy recordd:answers.jsonl --judge longer", 2, "no policy 'recordd'", "did you mean 'recorded'?"),
    ("run starter --judge verdict@openai:x,templat=y", 2, "unknown option 'templat'", "did you mean 'template'?"),
    ("run starter --judge longer --measure acuracy", 2, "there is no measure 'acuracy'", "did you mean 'accuracy'?"),
    ("run weekyl.yaml", 2, "weekyl.yaml: No such file", "did you mean 'weekly.yaml'?"),
    ("run starter --judge longer --policy recorded:answer.jsonl", 4, "No such file", "did you mean 'answers.jsonl'?"),
    ("run starter --judge verdict@scripted:sad.jsonl", 4, "sad.jsonl: No such", "did you mean 'said.jsonl'?"),
    ("leaderboard runs/wekly", 7, "runs/wekly is no run folder", "did you mean 'runs/weekly'?"),
    ("leaderboard run/weekly", 7, "run/weekly is no run folder", "did you mean 'runs/weekly'?"),
    ("compare runs/weeky", 7, "runs/weeky is no run folder", "did you mean 'runs/weekly'?"),
    ("plan starter --judge longer --like runs/weeky", 7, "runs/weeky is no", "did you mean 'runs/weekly'?"),
    ("leaderboard runs/weekly --format markdwn", 2, "there is no report 'markdwn'", "did you mean 'markdown'?"),
    ("leaderboard runs/weekly --measure acuracy", 2, "there is no measure 'acuracy'", "did you mean 'accuracy'?"),
    ("leaderboard runs/weekly --template rlaif-tabel-1", 2, "there is no template", "did you mean 'rlaif-table-1'?"),
    ("compare runs/weekly --a longr --b random", 2, "'longr'", "did you mean 'longer'?"),
    ("import tabel x.csv --out y", 2, "there is no import 'tabel'", "did you mean 'table'?"),
    ("import table data/vote.csv --benchmark starter --out y", 4, "No such file", "did you mean 'data/votes.csv'?"),
    ("data list startr", 2, "there is no benchmark 'startr'", "did you mean 'starter'?"),
    ("audit lnoger --benchmark starter", 2, "there is no judge 'lnoger'", "did you mean 'longer'?"),
    ("audit longer --benchmark startr", 2, "there is no benchmark 'startr'", "did you mean 'starter'?"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "message", "hint"), SUGGESTIONS, ids=[one[0] for one in SUGGESTIONS])
def test_a_word_that_is_nearly_right_is_answered_with_the_right_one(shell, work, line, code, message, hint):
    done = shell(*line.split())
    assert done.code == code, done.err
    assert message in done.message
    assert done.hint == hint
    assert done.out == ""


def test_keys_of_a_run_file_are_suggested(shell, work):
    for text, message, hint in (
        ("benchmark: starter\njugdes: {a: longer}\n", "unknown key 'jugdes'", "did you mean 'judges'?"),
        ("benchmark: startr\njudges: {a: longer}\n", "there is no benchmark 'startr'", "did you mean 'starter'?"),
        ("benchmark: starter\njudges: {a: {judge: lnoger}}\n", "there is no judge 'lnoger'", "did you mean 'longer'?"),
        (
            "benchmark: starter\njudges: {a: {judge: verdict, model: 'scripted:x', tempalte: y}}\n",
            "unknown option 'tempalte'",
            "did you mean 'template'?",
        ),
        (
            "benchmark: starter\npolicies: {a: {policy: recorded, path: answer.jsonl}}\njudges: {a: longer}\n",
            "answer.jsonl: No such file",
            "did you mean 'answers.jsonl'?",
        ),
    ):
        write(work, {"mine.yaml": text})
        done = shell("run", "mine.yaml")
        assert message in done.message
        assert done.hint == hint


def test_what_is_far_from_everything_is_answered_with_help(shell):
    assert shell("wxyz").hint == "see `judgebench --help`"
    assert shell("run", "starter", "--wxyz").hint == "see `judgebench run --help`"
    assert shell("compare", "x", "--fail-if", "zzz").hint == "see `judgebench compare --help`"
