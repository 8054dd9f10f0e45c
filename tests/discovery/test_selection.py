"""JUDGEBENCH_PLUGINS: which installed plugins take part."""

import json

import pytest
from own_plugins import report, write
from third_party import HEAD, install, judge, judgebench, python

from judgebench.core.errors import PluginError
from judgebench.discovery.selection import Selection, selected


class Entry:
    """An entry point of a distribution."""

    def __init__(self, name, distribution, group="judgebench"):
        self.name, self.value, self.group = name, f"{name}_module", group
        self.dist = distribution and type("Dist", (), {"name": distribution, "entry_points": [self]})()


ENTRIES = [Entry("beta", "judgebench-beta"), Entry("alpha", "Judgebench_Alpha"), Entry("nameless", None)]


def chosen(text):
    environment = {} if text is None else {"JUDGEBENCH_PLUGINS": text}
    return [entry.name for entry in selected(environment).among(ENTRIES)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, ["alpha", "beta", "nameless"]),
        ("", []),
        (" , ", []),
        ("alpha", ["alpha"]),
        ("judgebench.alpha", ["alpha"]),
        ("JUDGEBENCH-ALPHA, beta", ["alpha", "beta"]),
        ("nameless,beta,beta", ["beta", "nameless"]),
    ],
)
def test_plugins_are_named_by_entry_point_or_distribution(text, names):
    assert chosen(text) == names


def test_a_name_that_is_not_installed_is_an_error_with_the_nearest():
    with pytest.raises(
        PluginError, match="JUDGEBENCH_PLUGINS names 'alhpa', and no such plugin is installed"
    ) as caught:
        chosen("beta,alhpa")
    assert caught.value.hint == "did you mean 'alpha'? (a path has a / or ends in .py)"


def test_paths_stand_beside_names():
    assert selected({"JUDGEBENCH_PLUGINS": "alpha,mine.py,./folder"}) == Selection(("alpha",), ("mine.py", "./folder"))


def test_commands_are_those_of_the_selected_distributions():
    word = Entry("tune", "judgebench-beta", "judgebench.commands")
    word.dist.entry_points.append(Entry("beta", "judgebench-beta"))
    assert Selection(("beta",)).takes_distribution(word)
    assert Selection(("judgebench-beta",)).takes_distribution(word)
    assert not Selection(("alpha",)).takes_distribution(word)
    assert Selection().takes_distribution(word)


def test_a_run_loads_what_is_selected_and_nothing_else(tmp_path):
    install(tmp_path, "wanted", judge("wanted"))
    install(tmp_path, "other", "import pathlib\npathlib.Path(__file__).with_name('loaded').touch()\n" + HEAD)
    write(tmp_path, {"mine.py": report("mine")})
    chosen = f"wanted,{tmp_path / 'mine.py'}"
    listing = judgebench("list", "--json", path=tmp_path, JUDGEBENCH_PLUGINS=chosen)
    assert [one["plugin"] for one in json.loads(listing.stdout)["plugins"]] == ["built in", "wanted", "mine"]
    assert not (tmp_path / "loaded").exists()
    code = "from judgebench import app; print(len(app.registry().loaded), len(app.registry().broken))"
    assert python("-c", code, path=tmp_path, JUDGEBENCH_PLUGINS="").stdout == "1 0\n"
    missing = judgebench("list", path=tmp_path, JUDGEBENCH_PLUGINS="wantde")
    assert (missing.returncode, missing.stderr.splitlines()[1]) == (
        3,
        "hint: did you mean 'wanted'? (a path has a / or ends in .py)",
    )


def test_the_words_of_a_plugin_that_is_left_out_are_no_commands(tmp_path):
    install(tmp_path, "tuner", judge("tuned"), commands="tune")
    assert "tune " in judgebench("--help", path=tmp_path).stdout
    assert "tune " not in judgebench("--help", path=tmp_path, JUDGEBENCH_PLUGINS="").stdout
    done = judgebench("tune", path=tmp_path, JUDGEBENCH_PLUGINS="")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "error: No such command 'tune'")
