"""LLMBar's result.json files, in the forms of its three kinds of templates."""

import json

import pytest

from judgebench import DataError, app
from judgebench.components.imports.llmbar import COMPONENT as LLMBar
from judgebench.core.item import Miss, Preference

NATURAL = "Dataset/LLMBar/Natural/evaluators/GPT-4/Vanilla"


def step(straight, swapped, finish="stop"):
    return {
        "swap = False": {"completion": ["said a", finish], "winner": straight},
        "swap = True": {"completion": ["said b", finish], "winner": swapped},
    }


def row(*results, label=1, **change):
    return {
        "input": "question",
        "output_1": "one",
        "output_2": "two",
        "label": label,
        "results": list(results),
        **change,
    }


def save(folder, *rows, place=NATURAL):
    path = folder / place / "result.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows))
    return path


def read(folder, *rows, place=NATURAL):
    return list(LLMBar().read([save(folder, *rows, place=place)]))


def test_a_winner_is_an_output_whichever_was_shown_first(tmp_path):
    straight, swapped = read(tmp_path, row(step("1", "1"), label=2))
    assert (straight.order, straight.verdict) == ((0, 1), Preference((1.0, 0.0)))
    assert (swapped.order, swapped.verdict) == ((1, 0), Preference((0.0, 1.0)))
    assert (straight.judge, straight.item.id, straight.item.stratum) == (
        "GPT-4/Vanilla",
        "llmbar-natural-0",
        "llmbar-natural",
    )
    assert straight.item.gold == Preference((0.0, 1.0))
    assert [sample.text for sample in straight.samples] == ["said a"]
    assert swapped.samples[0].completion.finish == "stop"


def test_the_last_step_decides(tmp_path):
    first, second = read(tmp_path, row(["metrics", "stop"], step("1", "2"), step("2", "2", "length")))
    assert (first.verdict, second.verdict) == (Preference((0.0, 1.0)), Preference((1.0, 0.0)))
    assert first.samples[0].completion.finish == "length"


def test_no_winner_is_a_missing_verdict(tmp_path):
    first, _ = read(tmp_path, row(step(None, "1", "")))
    assert first.verdict == Miss("read", "no verdict is recorded")
    assert first.samples[0].completion.finish is None


def test_a_template_that_rates_each_output_has_two_texts(tmp_path):
    rated = {
        "score_1": ["7", "stop"],
        "score_2": ["8", "stop"],
        "swap = False": {"winner": "2"},
        "swap = True": {"winner": "2"},
    }
    for judged in read(tmp_path, row(rated)):
        assert [sample.text for sample in judged.samples] == ["7", "8"]


@pytest.mark.parametrize(
    ("folder", "subset"),
    [
        ("Dataset/LLMBar/Adversarial/GPTInst", "llmbar-adver-GPTInst"),
        ("Adversarial/Manual", "llmbar-adver-manual"),
        ("Dataset/CaseStudy/Base-9", "base-9"),
    ],
)
def test_the_set_is_named_by_its_folder(tmp_path, folder, subset):
    found = read(tmp_path, row(step("1", "2")), row(step("1", "2")), place=f"{folder}/evaluators/PaLM2/CoT")
    assert {judged.item.stratum for judged in found} == {subset}
    assert [judged.item.id for judged in found[::2]] == [f"{subset}-0", f"{subset}-1"]
    assert found[0].judge == "PaLM2/CoT"


def test_a_path_that_names_no_judge(tmp_path):
    with pytest.raises(DataError, match="names neither set nor judge"):
        read(tmp_path, row(step("1", "2")), place="Natural/GPT-4/Vanilla")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"output_2": None}, "row 2 is no row of LLMBar"),
        ({"results": []}, "row 2 holds no judgment"),
        ({"results": [["only metrics", "stop"]]}, "row 2 holds no judgment"),
        ({"results": [step("a", "1")]}, "row 2: winner is 'a'"),
        ({"results": [step("1", "1", 3)]}, "row 2: a completion is"),
    ],
)
def test_a_row_of_another_form_is_named(tmp_path, change, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, row(step("1", "2")), {**row(step("1", "2")), **change})


def test_files_of_several_judges_become_one_run(tmp_path):
    vanilla = save(tmp_path, row(step("1", "1")), row(step("1", "2")))
    cot = save(tmp_path, row(step("1", "1")), row(step(None, "1")), place=NATURAL.replace("Vanilla", "CoT"))
    known = app.registry()
    app.import_run("llmbar", [vanilla, cot], tmp_path / "run", known, app.Wanted())
    board = app.leaderboard([tmp_path / "run"], known, measures=("average-accuracy/llmbar-natural",))
    values = {row.subject: (row.value, row.n) for row in board.estimates}
    assert values == {"GPT-4/Vanilla": (75.0, 2), "GPT-4/CoT": (75.0, 2)}  # a missing verdict is wrong
