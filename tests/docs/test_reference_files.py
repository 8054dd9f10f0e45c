"""The pages of files: boards, run folders and verdict tables hold what the pages say, and nothing else."""

import copy
import json
import re

import pytest
from reference_pages import FOLDER, ROOT, page, rows, sections

import judgebench
from judgebench import app
from judgebench.components.imports import table

BOARDS = sorted((ROOT / "leaderboards").glob("*/board.json"))
TYPES = {"string": str, "integer": int, "number": int | float, "object": dict, "array": list, "null": type(None)}


def of_type(value, said):
    kinds = [TYPES[one] for one in ([said] if isinstance(said, str) else said)]
    return not isinstance(value, bool) and any(isinstance(value, kind) for kind in kinds)


RULES = {
    "const": lambda value, said: value == said,
    "enum": lambda value, said: value in said,
    "type": of_type,
    "required": lambda value, said: not set(said) - value.keys(),
}
INSIDE = {
    "properties": lambda value, said: [(value[name], said[name]) for name in said.keys() & value.keys()],
    "additionalProperties": lambda value, said: [(one, said) for one in value.values()],
    "items": lambda value, said: [(one, said) for one in value],
}


def faults(value, schema, where="board"):
    """What of a value a JSON Schema does not allow, for the words that ours uses; an unknown word is an error."""
    for word, said in schema.items():
        if word in RULES:
            yield from [f"{where}: {word} {said}"] * (not RULES[word](value, said))
        elif word in INSIDE:
            for k, (one, rule) in enumerate(INSIDE[word](value, said)):
                yield from faults(one, rule, f"{where}, {word} {k}")
        elif word == "$ref":
            yield from faults(value, SCHEMA["$defs"][said.rpartition("/")[2]], said)
        elif word == "anyOf":
            yield from [f"{where}: {word} {said}"] * all(list(faults(value, one)) for one in said)
        else:
            assert word in {"$schema", "title", "description", "$defs"}, f"this test does not know the word {word}"


SCHEMA = json.loads((FOLDER / "board.schema.json").read_text())


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.parent.name)
def test_a_landed_board_is_as_documented(path):
    board = json.loads(path.read_text())
    assert list(faults(board, SCHEMA)) == []
    documented = {name: fields(text) for name, text in sections(page("board")).items()}
    assert board.keys() <= documented["Board"]
    for key, name in (("estimates", "Estimate"), ("comparisons", "Comparison"), ("series", "Series")):
        assert all(one.keys() <= documented[name] for one in board.get(key, ()))
    assert all(run.keys() <= documented["Provenance"] for run in board["provenance"]["runs"])


def fields(text):
    return {row[0].strip("`") for row in rows(text)}


def test_a_board_that_is_not_as_documented_is_told():
    board = json.loads(BOARDS[0].read_text())
    for break_it in (
        lambda made: made.pop("estimates"),
        lambda made: made["estimates"][0].pop("low"),
        lambda made: made["estimates"][0].update(n="7"),
        lambda made: made["estimates"][0].update(judge=3),
        lambda made: made["estimates"][0].update(rank_low=1.5),
        lambda made: made["estimates"][0].update(details={"p": "small"}),
        lambda made: made.update(schema=2),
    ):
        made = copy.deepcopy(board)
        break_it(made)
        assert list(faults(made, SCHEMA))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run folder with every kind of line: answers and verdicts, of policies and of ready pairs, and a miss."""
    out = tmp_path_factory.mktemp("run") / "run"
    said = {"backend": "scripted", "replies": ["[[A]]", "nothing"]}
    judges = {"v": {"judge": "verdict", "model": "m", "sees": "both"}}
    policies = {"p": {"policy": "chat", "model": "m"}}
    judgebench.run(
        {"benchmark": "starter", "limit": 4, "models": {"m": said}, "policies": policies, "judges": judges}
        | {"out": str(out)}
    )
    return out


def test_a_record_holds_what_is_documented(folder):
    shown = {name: fields(text) for name, text in sections(page("record")).items()}
    lines = [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]
    assert {line["line"] for line in lines} == {"item", "answer", "verdict"}
    assert any("miss" in line for line in lines)
    for line in lines:
        assert next(iter(line)) == "line"
        assert list(line)[-1] == "crc"
        assert line.keys() - {"line", "crc"} <= shown[f"Line: {line['line']}"]
        check_inside(line, shown, page("record"))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest.keys() == shown["manifest.json"]
    assert all(one.keys() == shown["Subject"] for one in manifest["subjects"])
    assert all(one.keys() <= shown["Planned"] for one in manifest["planned"])


def check_inside(line, shown, text):
    """Whatever stands under a field that the page links to a section has the fields of that section."""
    links = dict(re.findall(r"^\| `(\w+)` \| (?:array of )?\[(\w+)\]", text, flags=re.MULTILINE))
    for key, value in line.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and key in links:
                assert one.keys() <= shown[links[key]], key
                check_inside(one, shown, text)


def test_the_columns_of_verdict_tables_are_there():
    columns = page("verdict-table")
    assert not [name for name in table.COLUMNS if f"`{name}`" not in columns]
    assert not [name for name in table.FEATURES if f"`{name}NAME`" not in columns]
    assert fields(sections(columns)["What measures read"]) == set(table.USUAL)


def test_the_examples_of_verdict_tables_are_read(tmp_path):
    examples = re.findall(r"```text\n(item,.*?)\n```", page("verdict-table"), flags=re.DOTALL)
    assert len(examples) == 2
    (tmp_path / "pairs.jsonl").write_text(json.dumps({"prompt": "q", "response_a": "x", "response_b": "y"}) + "\n")
    known = app.registry()
    for k, example in enumerate(examples):
        path = tmp_path / f"{k}.csv"
        path.write_text(example + "\n")
        wanted = app.Wanted(f"pairs:{tmp_path / 'pairs.jsonl'}", False, True, None, ("miss-rate",))
        app.import_run("table", [path], tmp_path / f"run-{k}", known, wanted)
        (estimate,) = app.leaderboard([tmp_path / f"run-{k}"], known).estimates
        assert estimate.n == len(example.splitlines()) - 1


def test_the_keys_of_run_files_are_there():
    keys = [row[0].strip("`") for row in rows(sections(page("run-file"))["Keys"])]
    from judgebench.engine.spec import RunSpec

    assert keys == list(RunSpec.__struct_fields__)
