"""What the pages show is run, planned or carried out: commands, run files, scripts, Python."""

import json
import re
import subprocess
import sys

import command_line
import pytest
from loopback_hub import NEW, serve_hub
from pages import COMMANDS, PAGES, ROOT
from reader import Reader

SAYS = {
    "leaderboard runs/judged --measure arena-score": "## arena-score,ties=drop, judged by j",
    "--template self-rewarding-table-2 --row M1=step-10 --row M2=step-20": "| M1 = step-10 |",
    "compare runs/iter1 runs/iter2 --a iter2 --b iter1 --margin 2": "undecided between iter2 and iter1",
    "compare runs/training --a step-20 --b step-10": "undecided between step-20 and step-10",
    "plan starter --policy openai:my-model": "win-rate",
    "loop self-rewarding --config loop.yaml --dry-run": "training steps",
    "--stage iteration-1/pairs": "iteration-1/pairs:",
    "judgebench data list": "allenai/reward-bench/data",
}
"""What some of the commands must print, whatever page they stand on."""


@pytest.mark.parametrize("page", [page for page in PAGES if page.blocks], ids=str)
def test_what_a_page_shows_works(page, folder):
    said = Reader(folder).read(page)
    for line, text in said.items():
        for part, shown in SAYS.items():
            assert part not in line or shown in text, f"{line}\n{text}"
        if line.startswith("judgebench import"):
            assert "| subject" in text
        if "--out leaderboards/mine" in line:
            assert (folder / "leaderboards/mine/README.md").read_text().startswith("# starter")


@pytest.mark.parametrize("line", ["rm -rf runs", "pip install judgebench-none", "judgebench frobnicate", "make none"])
def test_a_command_that_nobody_runs_is_found(line, folder):
    with pytest.raises((AssertionError, FileNotFoundError)):
        Reader(folder).command(line)


def test_no_block_hides_from_these_tests():
    """Each fence says its language, and each language has a reader or holds nothing to do."""
    for page in PAGES:
        assert page.text.count("\n```") == 2 * len(page.blocks), page


def test_the_first_board_is_the_one_that_is_shown(folder):
    """The tutorial's first output, line by line."""
    (page,) = (page for page in PAGES if page.path.name == "first-run.md")
    shown = next(block for block in page.blocks if block.language == "text")
    line = next(line for line in page.commands if line.startswith("judgebench run"))
    printed = command_line.run(line, folder).splitlines()
    assert len(shown.text.splitlines()) > 10
    assert not [row for row in shown.text.splitlines() if row not in printed]


def test_every_page_is_on_the_map():
    (index,) = (page for page in PAGES if page.path == ROOT / "docs/index.md")
    linked = {(index.path.parent / target).resolve() for target in re.findall(r"\]\(([^)#]+)", index.text)}
    pages = {page.path for page in PAGES if page.path.is_relative_to(ROOT / "docs")}
    assert linked >= pages - {index.path}


def test_every_text_that_is_looked_for_is_of_a_command():
    assert not [part for part in SAYS if not any(part in line for line in COMMANDS)]


def test_the_data_commands_make_a_mirror(folder):
    """What is in the mirror here is served by a hub on loopback, and fetched into another mirror."""
    lines = list(dict.fromkeys(line for line in COMMANDS if " data fetch" in line or " data verify" in line))
    lines = [line.replace("--data-dir mirror", "--data-dir made") for line in lines]
    assert {line.split()[2] for line in lines} == {"fetch", "verify"}
    lines.sort(key=lambda line: "verify" in line)
    with serve_hub() as hub:
        for path in (folder / "mirror").rglob("*"):
            if path.is_file():
                hub.files[NEW, str(path.relative_to(folder / "mirror"))] = path.read_bytes()
        environment = {"HF_ENDPOINT": hub.url, "HF_HOME": str(folder / "hf"), "HF_HUB_DISABLE_XET": "1"}
        done = subprocess.run(
            [sys.executable, command_line.__file__],
            input=json.dumps(lines), cwd=folder, env={**command_line.os.environ, **environment},
            capture_output=True, text=True,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *fetched, verified = json.loads(done.stdout)
    assert all(re.search(r": (fetched|is there) \(", text) for text in fetched)
    assert re.fullmatch(r"as fetched: \d+ files", verified.strip())


def shipped(kind):
    """The names of what ships of a kind."""
    from judgebench import app

    known = app.registry()
    return [name for name in known.names(kind) if known.get(kind, name).__module__.startswith("judgebench.")]


def about(benchmark):
    """The one page with a heading that names the benchmark."""
    pages = [page for page in PAGES if page.path.parent.name == "benchmarks"]
    (found,) = (page for page in pages if re.search(rf"^#.*`{re.escape(benchmark)}`", page.text, flags=re.MULTILINE))
    return found.text


def test_every_benchmark_has_its_page():
    """With its measures, and where its data come from under which licence."""
    from judgebench import Benchmark, app

    known, names = app.registry(), shipped(Benchmark)
    assert len(names) > 13
    for name in names:
        page = about(name)
        measures = {re.split(r"[:/,]", measure)[0] for measure in known.get(Benchmark, name).measures}
        assert not [measure for measure in measures if f"`{measure}" not in page], name
    for row in app.data_list((), known):
        if row.file is not None:
            page = about(row.benchmark)
            assert row.file.repo in page, row
            assert row.file.licence in page, row


def test_the_tests_that_pages_name_are_there():
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.text)}
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 20
    assert not [name for name in named if f"def {name}(" not in tests]


def test_the_page_about_judges_names_all_that_ship():
    from judgebench import Judge

    page, names = (ROOT / "docs/explanation/judges.md").read_text(), shipped(Judge)
    assert len(names) > 15
    assert not [name for name in names if f"`{name}`" not in page]


def test_the_page_about_measures_names_all_that_ship():
    from judgebench import Measure

    page, names = (ROOT / "docs/explanation/measures.md").read_text(), shipped(Measure)
    assert len(names) > 50
    assert not [name for name in names if f"`{name}" not in page]
