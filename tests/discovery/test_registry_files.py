"""Plugins that are not installed: files, folders and modules, with a digest of their code."""

import json
import os
import py_compile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_plugins import ENTRY, SHORTER, loaded, refused, registry, report, write
from third_party import install, judge, python

from judgebench import app
from judgebench.discovery.own_code import OwnCode
from judgebench.discovery.own_code import find as find_code
from judgebench.plugin.kinds import Judge, Report
from judgebench.plugin.options import build

pytestmark = pytest.mark.usefixtures("here")


def test_the_first_plugin_of_the_readme_works_as_it_is(here):
    write(here, {"shorter.py": SHORTER})
    known = app.registry(plugins=["shorter.py"])
    origin = known.origins[known.get(Judge, "shorter")]
    assert (origin.plugin, origin.distribution) == ("shorter", "shorter.py")
    assert origin.version == f"sha256:{origin.code[:12]}"
    assert known.loaded[-1].place == str(here / "shorter.py")
    assert known.loaded[-1].seconds > 0
    assert len(SHORTER[: SHORTER.index("@hookimpl")].strip().splitlines()) <= 15


@pytest.mark.parametrize("name", ["my-judge.py", "2nd judge.py", "json.py", "numpy.py", "été.py", "class.py"])
def test_a_file_of_any_name_is_a_module_that_shadows_none(here, name):
    write(here, {name: report("title")})
    assert [one.origin.plugin for one in loaded(name)] == [name.removesuffix(".py")]
    assert json.loads(__import__("json").dumps([1])) == [1]
    assert "Title" not in vars(__import__("json"))


def test_types_that_are_texts_are_found_in_the_file(here):
    write(here, {"title.py": report("title")})
    known = registry("title.py")
    made = build(known.get(Report, "title"), {"case": "lower", "times": "2"}, "title", strict=False)
    assert made.times == 2
    with pytest.raises(Exception, match="case"):
        build(known.get(Report, "title"), {"case": "middle"}, "title")


PACKAGE = {
    "__init__.py": "from .parts.title import judgebench_components\n",
    "parts/__init__.py": "",
    "parts/title.py": report("title"),
}


def test_a_package_folder_imports_from_itself(here):
    write(here / "own", PACKAGE)
    (one,) = loaded("own")
    assert (one.origin.plugin, [cls.name for cls in one.components]) == ("own", ["title"])
    write(here / "odd-name", {**PACKAGE, "parts/title.py": report("other")})
    assert [one.origin.plugin for one in loaded("own/", "odd-name")] == ["own", "odd-name"]


@pytest.mark.parametrize("layout", ["src/judgebench_title", "judgebench_title", "lib/judgebench_title"])
@pytest.mark.parametrize("build_backend", ["", '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'])
def test_a_folder_with_a_pyproject_needs_no_installation(here, layout, build_backend):
    inside = {**PACKAGE, "__init__.py": "from judgebench_title.parts.title import judgebench_components\n"}
    write(here, {"pyproject.toml": ENTRY.format("judgebench_title") + build_backend})
    write(here / layout, inside)
    if layout.startswith("lib") and not build_backend:
        assert "looked into ." in refused(".").hint
        return
    (one,) = loaded(".")
    assert (one.origin.plugin, one.origin.distribution) == ("title", ".")


def test_an_entry_point_may_name_a_module_within_or_an_object(here):
    source = report("title") + "\n\nclass plugin:\n    judgebench_components = staticmethod(judgebench_components)\n"
    write(
        here / "a",
        {
            "pyproject.toml": ENTRY.format("judgebench_title.inner"),
            **{"src/judgebench_title/__init__.py": "", "src/judgebench_title/inner.py": source},
        },
    )
    assert [one.origin.plugin for one in loaded("a")] == ["title"]
    (one,) = find_code("a")
    assert one.root == here / "a" / "src" / "judgebench_title"
    write(here / "a", {"pyproject.toml": ENTRY.format("judgebench_title.inner:plugin.missing")})
    assert "AttributeError" in refused("a").message


def test_a_module_is_found_by_its_name(here, monkeypatch):
    write(here / "path", {"own_title.py": report("title"), "whole/__init__.py": "", "whole/part.py": report("other")})
    monkeypatch.syspath_prepend(here / "path")
    first, second = loaded("own_title", "whole.part")
    assert (first.origin.plugin, first.origin.distribution) == ("own_title", "own_title")
    assert (second.origin.plugin, second.place) == ("part", str(here / "path" / "whole" / "part.py"))


def test_a_plugin_that_is_named_twice_takes_part_once(here):
    write(here, {"title.py": report("title"), "own/__init__.py": report("other")})
    os.symlink("title.py", here / "title-link.py")
    given = ("title.py", "./title.py", str(here / "title.py"), "own", "own/__init__.py", "own/")
    assert [one.origin.plugin for one in loaded(*given)] == ["title", "own"]


def test_an_edited_file_is_loaded_anew_and_another_code(here):
    write(here, {"title.py": report("title")})
    (first,), (again,) = loaded("title.py"), loaded("title.py")
    assert again.components[0] is first.components[0]
    write(here, {"title.py": report("title").replace("the title alone", "the title as is")})  # as many bytes, at once
    (edited,) = loaded("title.py")
    assert edited.origin.code != first.origin.code
    assert edited.components[0].summary == "the title as is"


def test_an_edit_within_a_package_is_one_of_the_plugin(here):
    write(here / "own", PACKAGE)
    (first,) = loaded("own")
    write(here / "own", {"parts/title.py": report("title").replace("alone", "and nothing beside it")})
    (edited,) = loaded("own")
    assert edited.origin.code != first.origin.code
    assert edited.components[0].summary == "the title and nothing beside it"


def test_what_is_no_code_of_a_package_leaves_its_digest(here):
    write(here / "own", PACKAGE)
    (before,) = loaded("own")
    write(here / "own", {"runs/one/manifest.json": "{}", "runs/one/record.jsonl": "", ".git/HEAD": "", ".notes": "x"})
    write(here / "own", {"parts/__pycache__/title.cpython-311.pyc": "", "parts/title.pyc": ""})
    assert loaded("own")[0].origin.code == before.origin.code
    write(here / "own", {"prompt.txt": "a template that the code may read"})
    assert loaded("own")[0].origin.code != before.origin.code


def test_a_file_that_moves_is_the_same_code(here):
    write(here, {"a/title.py": report("title"), "b/other.py": report("title")})
    assert loaded("a/title.py")[0].origin.code == loaded("b/other.py")[0].origin.code


TREES = st.dictionaries(st.sampled_from(["a.py", "b.py", "c/a.py", "a", "c/d/e"]), st.binary(max_size=3), min_size=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(first=TREES, second=TREES)
def test_only_equal_folders_have_equal_digests(tmp_path_factory, first, second):
    digests = []
    for tree in (first, second):
        folder = tmp_path_factory.mktemp("tree")
        for name, content in tree.items():
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, name).write_bytes(content)
        digests.append(OwnCode("x", "x", "x", folder / "a.py", folder).digest())
    assert (digests[0] == digests[1]) == (first == second)


def test_an_interrupt_while_a_file_is_imported_passes(here):
    write(here, {"slow.py": "raise KeyboardInterrupt\n"})
    with pytest.raises(KeyboardInterrupt):
        registry("slow.py")


def test_secrets_and_observers_of_a_file_take_part(here):
    source = """
    from judgebench import hookimpl

    @hookimpl
    def judgebench_secret(name):
        return "from the file" if name == "VAULTED" else None

    @hookimpl
    def judgebench_observe(event):
        print("seen", event)
    """
    write(here, {"vault.py": source})
    known = registry("vault.py")
    assert known.secret("VAULTED") == "from the file"
    assert len(known.manager.hook.judgebench_observe.get_hookimpls()) == 1


def test_a_folder_stands_in_the_place_of_its_installed_distribution(here):
    site = here / "site"
    site.mkdir()
    install(site, "judgebench-title", judge("from-the-index"), entry="title = judgebench_title")
    write(here / "own", {"pyproject.toml": ENTRY.format("judgebench_title")})
    write(here / "own/src/judgebench_title", PACKAGE)
    code = """
from judgebench import app, hookimpl
from judgebench.components.reports import markdown
print(*(cls.name for one in app.registry(plugins={!r}).loaded[1:] for cls in one.components))
"""
    environment = {"path": site, "cwd": here, "JUDGEBENCH_PLUGINS": "judgebench-title"}
    assert python("-c", code.format([]), **environment).stdout == "from-the-index\n"
    assert python("-c", code.format(["own"]), **environment).stdout == "title\n"
    # by its module's name an installed plugin is no second one
    assert python("-c", code.format(["judgebench_title"]), **environment).stdout == "from-the-index\n"


def digests(folder, *paths, **environment):
    """The digest of each plugin that is loaded, and what its judge says first, in a process of its own."""
    code = """
import json, sys
from judgebench import app
known = app.registry(plugins=sys.argv[1:])
print(json.dumps([[one.origin.code, one.components[0].summary] for one in known.loaded if one.origin.code]))
"""
    return json.loads(python("-c", code, *paths, path=folder, **environment).stdout)


@pytest.mark.parametrize("package", [True, False], ids=["package", "namespace"])
def test_the_digest_of_a_module_is_that_of_all_code_of_its_package(tmp_path, package):
    judges = SHORTER.replace('name = "shorter"', 'name = "shorter"\n    summary = SAID')
    write(tmp_path, {"kit/__init__.py": ""} if package else {})
    write(tmp_path, {"kit/helper.py": 'SAID = "one"\n', "kit/judges.py": f"from .helper import SAID\n{judges}"})
    ((before, said),) = digests(tmp_path, "kit.judges")
    write(tmp_path, {"kit/results/last.json": "{}"})  # no code, and written by every run
    assert digests(tmp_path, "kit.judges") == [[before, said]]
    write(tmp_path, {"kit/helper.py": 'SAID = "two"\n'})
    ((after, then),) = digests(tmp_path, "kit.judges")
    assert (said, then) == ("one", "two")
    assert before != after


@pytest.mark.parametrize("named", ["kit", "kit.judges"])
def test_an_edit_of_the_same_size_and_time_is_compiled(tmp_path, named):
    judges = SHORTER.replace('name = "shorter"', 'name = "shorter"\n    summary = SAID')
    write(tmp_path, {"kit/helper.py": 'SAID = "one"\n', "kit/judges.py": f"from .helper import SAID\n{judges}"})
    write(tmp_path, {"kit/__init__.py": "from .judges import judgebench_components\n"})
    helper = tmp_path / "kit/helper.py"
    py_compile.compile(str(helper))
    times = (helper.stat().st_atime_ns, helper.stat().st_mtime_ns)
    helper.write_text('SAID = "two"\n')
    os.utime(helper, ns=times)
    place = named if "." in named else str(tmp_path / named)
    ((_, said),) = digests(tmp_path, place)
    assert said == "two"


def test_a_folder_stands_in_the_place_of_what_another_plugin_imports(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    install(site, "base", judge("based"))
    install(site, "above", "import base\n" + judge("above"))  # loaded before it would be, by its name
    pyproject = '[project]\nname = "base"\nversion = "9.9"\n[project.entry-points.judgebench]\nbase = "base"\n'
    write(tmp_path, {"copy/pyproject.toml": pyproject, "copy/base.py": judge("based").replace("longer", "LONGER")})
    ((_, said),) = digests(site, str(tmp_path / "copy"), JUDGEBENCH_PLUGINS="above,base")
    assert "LONGER" in said
