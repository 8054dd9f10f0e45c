"""A plugin's package out of templates: what its parts are called, and the files of a folder."""

import ast
import keyword
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from string import Template

from judgebench.core.errors import ConfigError

LONGEST = 30
"""Letters of a name, so that no line of a template becomes too long."""
PREFIX = "judgebench-"


@dataclass(frozen=True, slots=True)
class Kind:
    """What the component of a kind does, a command that uses it, and an option that its checks need."""

    summary: str
    command: str
    option: str = ""


KINDS = {
    "judge": Kind("prefers the answer that keeps to a word limit", "judgebench run starter --judge {name}"),
    "policy": Kind(
        "answers with the first sentences of the prompt",
        "judgebench run head-to-head --policy {name} --policy two={name},sentences=2 --judge longer",
    ),
    "backend": Kind(
        "says back the last message", "judgebench run starter --judge logprob@{name}:any --limit 8", "{name}.model=any"
    ),
    "benchmark": Kind(
        "reads pairs of answers from a file of yours",
        "judgebench run {name}:{folder}/tests/rows.jsonl --judge longer",
        "{name}.path={folder}/tests/rows.jsonl",
    ),
    "measure": Kind(
        "the share of a judge's verdicts that are ties", "judgebench run starter --judge longer --measure {name}"
    ),
    "import": Kind(
        "reads a csv file of verdicts",
        "judgebench import {name} {folder}/tests/verdicts.csv --benchmark pairs:{folder}/tests/rows.jsonl "
        "--out runs/imported",
    ),
    "report": Kind("plain text, one line an estimate", "judgebench leaderboard RUN --format {name}"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What the parts of a plugin are called: `brevity`, `judgebench-brevity`, `judgebench_brevity`, `Brevity`."""

    name: str
    distribution: str
    module: str
    cls: str

    def use(self, kind: str, folder: str) -> str:
        """A command that uses the component of the package in a folder."""
        return KINDS[kind].command.format(name=self.name, folder=folder)

    def options(self, kind: str, folder: str) -> str:
        """The words by which `plugin check` gets the option that it needs, or nothing."""
        option = KINDS[kind].option.format(name=self.name, folder=folder)
        return f" -o {option}" if option else ""


def named(text: str) -> Names:
    """The names that follow from what a user wrote; ConfigError for what can be none."""
    name = re.sub(r"[-_. ]+", "-", text.strip().lower()).removeprefix(PREFIX)
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ConfigError(f"'{text}' is no name for a plugin", "letters, digits and hyphens, a letter first: my-judge")
    if len(name) > LONGEST:
        raise ConfigError(f"'{name}' has {len(name)} letters", f"give a name of at most {LONGEST}")
    module = PREFIX.replace("-", "_") + name.replace("-", "_")
    cls = "".join(part.capitalize() for part in name.split("-"))
    if cls in _taken() or keyword.iskeyword(cls):
        cls = f"My{cls}"
    return Names(name, f"{PREFIX}{name}", module, cls)


def files(names: Names, kind: str) -> dict[str, str]:
    """The texts of all files by their paths in the folder."""
    article = "an" if kind == "import" else "a"
    values = {
        "name": names.name,
        "distribution": names.distribution,
        "module": names.module,
        "cls": names.cls,
        "kind": kind,
        "article": article,
        "Article": article.capitalize(),
        "summary": KINDS[kind].summary,
        "use": names.use(kind, "."),
        "options": names.options(kind, "."),
    }
    found = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        f"src/{names.module}/__init__.py": f"{kind}.py",
        f"src/{names.module}/py.typed": "py.typed",
        f"tests/test_{names.module.removeprefix('judgebench_')}.py": f"test_{kind}.py",
    }
    if kind in ("benchmark", "import"):
        found["tests/rows.jsonl"] = "rows.jsonl"
    if kind == "import":
        found["tests/verdicts.csv"] = "verdicts.csv"
    return {path: Template(_template(name)).substitute(values) for path, name in found.items()}


def write(names: Names, kind: str, parent: Path) -> Path:
    """The folder of the package, written whole; ConfigError where there is one already."""
    folder = parent / names.distribution
    if folder.exists() or folder.is_symlink():
        raise ConfigError(f"{folder} is there already", "give another name, or another folder to --out")
    try:
        parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f".{names.distribution}-", dir=parent))
    except OSError as error:
        raise ConfigError(f"{parent}: {error.strerror}", "give a folder to --out that you may write into") from None
    try:
        for path, text in files(names, kind).items():
            file = half / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        half.chmod(0o755)  # a temporary folder is its owner's alone
        half.rename(folder)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    return folder


def _template(name: str) -> str:
    from importlib.resources import files as resources

    return resources("judgebench.scaffold").joinpath("templates", f"{name}.tmpl").read_text(encoding="utf-8")


def _taken() -> set[str]:
    """Names that the templates import or set: a class of the same name would hide them."""
    found = set()
    for kind in KINDS:
        for name in (f"{kind}.py", f"test_{kind}.py"):
            text = Template(_template(name)).safe_substitute(
                cls="Placeholder", module="placeholder", name="placeholder"
            )
            for node in ast.parse(text).body:
                if isinstance(node, ast.Import | ast.ImportFrom):
                    found |= {(one.asname or one.name).partition(".")[0] for one in node.names}
                elif isinstance(node, ast.Assign):
                    found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found - {"Placeholder"}
