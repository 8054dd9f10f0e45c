"""The reference is what the code says: the pages are up to date, and every component, hook and kind stands there."""

import ast
import dataclasses
import importlib.metadata
import inspect
import os
import re
import subprocess
import sys
import typing

import pytest
from reference_pages import FOLDER, ROOT, blocks, page, plain, rows, sections

import judgebench
from judgebench import app, components, testing
from judgebench.core import errors, events
from judgebench.plugin import hooks
from judgebench.plugin.kinds import KINDS

PAGES = {"policy": "policies"} | {kind: f"{kind}s" for kind in KINDS if kind != "policy"}
SHIPPED = list(components.judgebench_components())


def called(classes):
    return [f"{cls.kind}-{cls.name}" for cls in classes]


def test_the_pages_are_what_the_generator_writes(tmp_path):
    environment = {**os.environ, "JUDGEBENCH_PLUGINS": ""}
    subprocess.run([sys.executable, "-m", "docs.generator", str(tmp_path)], cwd=ROOT, env=environment, check=True)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    there = {path.name: path.read_text() for path in FOLDER.iterdir()}
    assert made.keys() == there.keys(), "run `make docs`"
    assert not [name for name, text in made.items() if there[name] != text], "run `make docs`"


@pytest.mark.parametrize("cls", SHIPPED, ids=called(SHIPPED))
def test_a_component_is_there_with_its_options_and_presets(cls):
    found = sections(page(PAGES[cls.kind]))
    assert cls.name in found, "run `make docs`"
    shown = found[cls.name]
    assert plain(cls.summary).lower() in plain(shown).lower()
    if "-table-" in cls.name or not dataclasses.fields(cls):
        return
    check_options(cls, shown if "| option |" in shown else found["Tables of papers"])
    for preset, values in cls.presets.items():
        (row,) = [row for row in rows(shown) if row[0] == f"`preset={preset}`"]
        assert all(f"`{option}={value!r}`" in row[1] for option, value in values.items())


def check_options(cls, shown):
    table = {row[0]: row for row in rows(shown)}
    for field in dataclasses.fields(cls):
        _, kind, default, about = table[f"`{field.name}`"]
        required = field.default is field.default_factory is dataclasses.MISSING
        made = field.default_factory() if field.default is dataclasses.MISSING and not required else field.default
        assert default == ("required" if required else f"`{made!r}`")
        assert plain(about) == plain(field.metadata["help"])
        hint = typing.get_type_hints(cls)[field.name]
        words = [word for part in (hint, *typing.get_args(hint)) for word in literals(part)]
        assert all(repr(word) in kind for word in words)
        assert ("None" in kind) == (type(None) in typing.get_args(hint))


def literals(hint):
    return typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else ()


MEASURES = [cls for cls in SHIPPED if cls.kind == "measure"]


@pytest.mark.parametrize("cls", MEASURES, ids=called(MEASURES))
def test_a_measure_has_a_formula_a_source_and_its_facts(cls):
    shown = sections(page("measures"))[cls.name]
    assert re.search(r"^\*\*Formula:\*\* \S", shown, flags=re.MULTILINE)
    assert re.search(r"^\*\*Source:\*\* .*(\d{4}\)|ours)", shown, flags=re.MULTILINE)
    assert inspect.cleandoc(vars(cls)["__doc__"]).count("\nFormula: ") == 1, "it stands in the docstring of each"
    bounds = "none" if cls.bounds is None else f"{cls.bounds[0]:g} to {cls.bounds[1]:g}"
    facts = [cls.about, cls.unit, cls.better or "neither", bounds]
    assert facts in [row[:4] for row in rows(shown)]


@pytest.mark.parametrize("name", [name for name in vars(hooks) if name.startswith("judgebench_")])
def test_a_hook_is_there_with_its_signature(name):
    hook, shown = getattr(hooks, name), sections(page("hooks"))[name]
    check_signature(hook, blocks(shown))
    assert plain(inspect.getdoc(hook)) in plain(shown)
    assert "Called" in shown
    assert ("first result that is not None" in shown) == hook.judgebench_spec["firstresult"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_is_there_with_its_methods_and_variables(kind):
    shown = sections(page("kinds"))[kind.__name__]
    for name, member in vars(kind).items():
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
            function = member.fget if isinstance(member, property) else member
            check_signature(function, [block for block in blocks(shown) if f"def {name}(" in block])
            assert plain(inspect.getdoc(member)) in plain(shown)
    variables = {row[0]: row for row in rows(shown)}
    for name in inspect.get_annotations(kind):
        assert variables[f"`{name}`"][3], f"{name} has no text"


def check_signature(function, shown):
    """One of the blocks is this function's head: parameters, their types, defaults and order, and what it returns."""
    (node,) = [node for node in map(head, shown) if node is not None and node.name == function.__name__]
    signature = inspect.signature(function)
    assert [arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)] == list(signature.parameters)
    defaults = [ast.literal_eval(default) for default in node.args.defaults]
    assert defaults == [p.default for p in signature.parameters.values() if p.default is not inspect.Parameter.empty]
    for arg in node.args.args:
        same_type(arg.annotation, signature.parameters[arg.arg].annotation, function)
    same_type(node.returns, signature.return_annotation, function)
    coroutine = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(inspect.unwrap(function))
    assert isinstance(node, ast.AsyncFunctionDef) == coroutine
    marked = "abstractmethod" in map(ast.unparse, node.decorator_list)
    assert getattr(function, "__isabstractmethod__", False) == marked


def head(block):
    try:
        return ast.parse(f"{block}: ...").body[0]
    except SyntaxError:  # an example, not a head
        return None


def same_type(shown, meant, function):
    if shown is None:
        assert meant is inspect.Parameter.empty
    elif isinstance(meant, str):
        assert ast.unparse(shown) == meant
    else:
        assert eval(ast.unparse(shown), vars(sys.modules[function.__module__])) == meant


NOUNS = list(typing.get_args(events.Event))
NOUNS += [getattr(judgebench, name) for name in ("Item", "Response", "Trial", "Sample", "Preference", "Score", "Vote")]
NOUNS += [getattr(judgebench, name) for name in ("Chat", "Text", "NextToken", "SequenceScore", "Reward", "Completion")]
NOUNS += [getattr(judgebench, name) for name in ("Miss", "Judged", "Answered", "Estimate", "Comparison", "Table")]


@pytest.mark.parametrize("cls", NOUNS, ids=lambda cls: cls.__name__)
def test_a_noun_is_there_with_its_fields(cls):
    shown = sections(page("kinds"))[cls.__name__]
    (declared,) = [node for block in blocks(shown) if "class " in block for node in ast.parse(block).body]
    assert [node.target.id for node in declared.body] == [field.name for field in dataclasses.fields(cls)]
    assert plain(inspect.getdoc(cls).split("\n\n")[0]) in plain(shown)


def test_every_error_is_there_with_its_exit_code():
    shown = sections(page("kinds"))
    for cls in (cls for cls in vars(errors).values() if isinstance(cls, type)):
        assert plain(inspect.getdoc(cls)) in plain(shown[cls.__name__])
        code = getattr(cls, "exit_code", None)
        assert code is None or f"Exit code {code}." in shown[cls.__name__]


def test_every_public_name_is_there():
    shown = page("python")
    headings = set(sections(shown))
    linked = set(re.findall(r"\[`(\w+)`\]", shown))
    public = {*judgebench.__all__, *app.__all__, *testing.__all__} - {"__version__"}
    assert not public - headings - linked, "run `make docs`"
    for name in ("run", "leaderboard", "compare", "collect"):
        check_signature_of_a_door(getattr(judgebench, name), blocks(sections(shown)[name]))


def check_signature_of_a_door(function, shown):
    (block,) = shown
    (node,) = ast.parse(f"{block}: ...").body
    names = [arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)]
    assert names == [n for n, p in inspect.signature(function).parameters.items() if p.kind is not p.VAR_KEYWORD]


def test_the_components_of_the_repositorys_plugins_are_there():
    ours = {path.name for path in (ROOT / "plugins").glob("judgebench-*")}
    found, checked = sections(page("plugins")), 0
    assert ours <= found.keys(), "run `make docs`"
    for entry in importlib.metadata.entry_points(group="judgebench"):
        if entry.dist.name in ours and hasattr(module := entry.load(), "judgebench_components"):
            for cls in module.judgebench_components():
                shown = found[f"{cls.kind} {cls.name}"]
                assert plain(cls.summary).lower() in plain(shown).lower()
                check_options(cls, shown)
                checked += 1
    assert checked > 5
