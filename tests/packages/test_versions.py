"""The core and its plugins are one release: one version, and each plugin asks for a core of it."""

import re
import tomllib
from pathlib import Path

import pytest

import judgebench

ROOT = Path(__file__).parents[2]
PROJECTS = sorted([*ROOT.glob("plugins/*/pyproject.toml"), *ROOT.glob("plugins/examples/*/pyproject.toml")])
MAJOR, MINOR = map(int, judgebench.__version__.split(".")[:2])
STEP = f">={MAJOR}.{MINOR},<{MAJOR}.{MINOR + 1}"


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_a_plugin_is_in_step_with_the_core(path):
    project = tomllib.loads(path.read_text())["project"]
    assert project["version"] == judgebench.__version__
    extras = project.get("optional-dependencies", {})
    asked = [*project["dependencies"], *(one for name, many in extras.items() if name != "test" for one in many)]
    ours = [one for one in asked if re.match(r"judgebench\b", one)]
    assert f"judgebench{STEP}" in ours
    assert all(one.endswith(STEP) for one in ours), ours


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_a_plugin_has_what_a_package_needs(path):
    project = tomllib.loads(path.read_text())["project"]
    assert project["name"] == path.parent.name
    assert (path.parent / project["readme"]).read_text().startswith(f"# {project['name']}\n")
    (package,) = (path.parent / "src").iterdir()
    assert (package / "py.typed").exists()
    assert package.name == project["name"].replace("-", "_")
    assert project["entry-points"]["judgebench"]


def test_there_are_the_plugins_and_the_examples():
    assert len(PROJECTS) == 9


def test_the_changelog_begins_with_this_version():
    found = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert found is not None
    assert found[1] == judgebench.__version__
