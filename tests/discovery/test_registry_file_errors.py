"""What is wrong with a plugin that is not installed: in two lines, with the place."""

import os
import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from own_plugins import ENTRY, SHORTER, loaded, refused, report, write

from judgebench.core.errors import PluginError
from judgebench.discovery.own_code import find as find_code

pytestmark = pytest.mark.usefixtures("here")


ERRORS = {
    "no-file.py": (None, "no-file.py: there is no such file or folder", "name a .py file"),
    "folder/no-file.py": (None, "folder/no-file.py: there is no such file or folder", "name a .py file"),
    "nowhere": (None, "there is no file, folder or module 'nowhere'", "name a .py file"),
    "not a module": (None, "there is no file, folder or module 'not a module'", "name a .py file"),
    "judgebench.nowhere": (None, "there is no file, folder or module 'judgebench.nowhere'", "name a .py file"),
    "sys": (None, "module 'sys' has no code of its own", "name a module"),
    "words.txt": ({"words.txt": "no code"}, "words.txt is no .py file", "name a .py file"),
    "name.py": ({"name.py": "x = 1\n\ny = nmae\n"}, "name.py, line 3: NameError: name 'nmae' is not", "mend it;"),
    "syntax.py": ({"syntax.py": "x = 1\ndef f(:\n"}, "syntax.py, line 2: SyntaxError: invalid syntax", "mend it;"),
    "leaves.py": ({"leaves.py": "raise SystemExit(0)\n"}, "leaves.py, line 1: SystemExit: 0", "mend it;"),
    "null.py": ({"null.py": "x = '\0'\n"}, "null.py", "mend it;"),
    "library.py": ({"library.py": "import nowhere.at.all\n"}, "line 1: ModuleNotFoundError", "install what brings"),
    "alone.py": ({"alone.py": "import beside\n", "beside.py": ""}, "line 1: ModuleNotFoundError", "a file stands"),
    "relative.py": ({"relative.py": "from . import x\n"}, "relative.py, line 1: ImportError", "a file stands alone"),
    "hookless.py": ({"hookless.py": "x = 1\n"}, "hookless.py: it implements no hook", "see `judgebench plugin new"),
    "unmarked.py": (
        {"unmarked.py": "def judgebench_components(): return []\n"},
        "unmarked.py: 'judgebench_components' is not marked",
        "see `judgebench plugin new",
    ),
    "unknown.py": (
        {"unknown.py": "from judgebench import hookimpl\n@hookimpl\ndef judgebench_component(): return []\n"},
        "unknown.py: unknown hook 'judgebench_component': did you mean 'judgebench_components'?",
        "see `judgebench plugin new",
    ),
    "raises.py": (
        {"raises.py": "from judgebench import hookimpl\n@hookimpl\ndef judgebench_components():\n    return 1 / 0\n"},
        "raises.py, line 4: ZeroDivisionError",
        "mend it;",
    ),
    "thawed.py": (
        {"thawed.py": SHORTER.replace("(frozen=True)", "")},
        "thawed.py: Shorter is no frozen dataclass",
        "see `judgebench plugin new",
    ),
    "taken.py": ({"taken.py": report("markdown")}, "taken.py: report 'markdown' is there already", "rename yours"),
    "empty": ({"empty/words.txt": ""}, "empty has neither pyproject.toml nor __init__.py", "name a folder with code"),
    "loose": ({"loose/one.py": ""}, "loose has neither pyproject.toml", "name a file of it, such as loose/one.py"),
    "inner": (
        {"inner/__init__.py": "from .part import x\n", "inner/part.py": "\nx = y\n"},
        "inner/part.py, line 2: NameError",
        "mend it;",
    ),
    "json": ({"json/__init__.py": report("title")}, "json: there is a module 'json' already", "rename yours"),
    "colorsys": ({"colorsys/__init__.py": report("title")}, "there is a module 'colorsys' already", "rename yours"),
    "no-entry": ({"no-entry/pyproject.toml": "[project]\n"}, "names no entry point in the group", "add [project.entry"),
    "no-toml": ({"no-toml/pyproject.toml": "[project\n"}, "no-toml/pyproject.toml: ", "it should be TOML"),
    "no-module": (
        {"no-module/pyproject.toml": ENTRY.format("judgebench_titel")},
        "the module 'judgebench_titel' of entry point 'title' is not there",
        "looked into .",
    ),
}  # fmt: skip


@pytest.mark.parametrize("given", ERRORS)
def test_what_is_wrong_with_a_plugin_is_said_in_two_lines(here, given):
    files, message, hint = ERRORS[given]
    write(here, files or {})
    error = refused(given)
    assert message in error.message
    assert error.hint.startswith(hint)


@pytest.mark.parametrize("files", [{"bad.py": "x = y\n"}, {"bad/__init__.py": "from .a import x", "bad/a.py": "x = y"}])
def test_an_import_that_fails_leaves_no_module_behind(here, files):
    write(here, files)
    before = set(sys.modules)
    refused(next(iter(files)).partition("/")[0])
    assert set(sys.modules) == before


def test_a_path_that_is_nearly_right_is_told(here):
    write(here, {"plugins/shorter.py": SHORTER})
    assert refused("plugins/shorte.py").hint == "did you mean 'plugins/shorter.py'?"
    assert refused("plugin/shorter.py").hint == "did you mean 'plugins/shorter.py'?"
    os.chdir(here / "plugins")
    assert refused("shorter").hint == "did you mean 'shorter.py'?"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300) | st.from_regex(r"[~./a-c]{0,300}", fullmatch=True))
@example("a" * 3000)
@example("~nobody-of-this-name/x.py")
@example("\0.py")
def test_whatever_is_named_is_found_or_refused_in_two_lines(text):
    try:
        find_code(text)
    except PluginError as error:
        caught = error
    else:
        return
    assert caught.message
    assert caught.hint


def test_two_files_of_one_name_are_an_error(here):
    write(here, {"a/title.py": report("title"), "b/title.py": report("other")})
    assert refused("a/title.py", "b/title.py").message == "two plugins are called 'title': a/title.py and b/title.py"


def test_two_packages_of_one_module_are_an_error_and_one_after_the_other_is_none(here):
    for folder in ("a", "b"):
        source = {"pyproject.toml": ENTRY.format("judgebench_title").replace("title =", f"{folder} =")}
        write(here / folder, {**source, "judgebench_title.py": report(folder)})
    assert refused("a", "b").message == "two plugins are called 'judgebench_title': a and b"
    assert [cls.name for folder in ("a", "b", "a") for cls in loaded(folder)[0].components] == ["a", "b", "a"]


def test_two_files_that_claim_one_name_are_an_error(here):
    write(here, {"one.py": report("title"), "two.py": report("title")})
    assert refused("one.py", "two.py").message.startswith("two.py: report 'title' is there already (one.py sha256:")
