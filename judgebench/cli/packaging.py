"""What is checked of a plugin as a package beyond that it can be loaded: its versions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal


def of_package(target: str) -> Iterator[tuple[str, Literal["ok", "failed"], str]]:
    """What each check is about, its state, and why it failed."""
    from judgebench.discovery.source_folder import entries_of, project_of

    folder = Path(target)
    if not (folder / "pyproject.toml").is_file():
        return
    entries = entries_of(folder, target)
    stated = project_of(folder, target).get("project", {}).get("version")
    versions = {entry.file: version for entry in entries if (version := _version(entry.file)) is not None}
    if stated is None or not versions:
        return
    differing = [f"{path.relative_to(folder)} says {one}" for path, one in versions.items() if one != stated]
    about = "has one version in pyproject.toml and __version__"
    yield (
        about,
        "failed" if differing else "ok",
        f"pyproject.toml says {stated}, {', '.join(differing)}" * bool(differing),
    )


def _version(file: Path) -> str | None:
    """The text that a module sets `__version__` to, without running it."""
    import ast

    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name("__version__")], value=ast.Constant(value=str(version))):
                return version
            case ast.AnnAssign(target=ast.Name("__version__"), value=ast.Constant(value=str(version))):
                return version
    return None
