"""What a shell offers at <tab>: names of components, kinds, and run folders. Says nothing but that."""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
MANIFEST = "manifest.json"
"""The file by which a folder is a run."""
DEPTH = 3
"""How far below a folder runs are looked for."""


def names(*kinds: str) -> Complete:
    """Names of components of these kinds, with what they are; after `NAME=` too."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        before, equals, begun = incomplete.rpartition("=")
        from judgebench.cli.known import registry

        with silence():
            classes = registry(ctx).classes
        found = {name: cls.summary for (kind, name), cls in sorted(classes.items()) if kind in kinds}
        return _items({before + equals + name: help for name, help in found.items() if name.startswith(begun)})

    return silent(complete)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """What plugins print while they are loaded stays unseen, by whatever way: a shell would offer it."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def silent(complete: Complete) -> Complete:
    """A completion that offers nothing where it fails."""

    def without_error(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            return complete(ctx, param, incomplete)
        except Exception:  # of a plugin, say: a completion is no place for it
            return []

    return without_error


@silent
def targets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Benchmarks, and run files beside what was typed."""
    whole = Path(incomplete + "x")
    files = sorted(path for path in whole.parent.iterdir() if path.suffix in {".yaml", ".yml"} or path.is_dir())
    shown = [f"{path}{os.sep if path.is_dir() else ''}" for path in files if not path.name.startswith(".")]
    return names("benchmark")(ctx, param, incomplete) + _items({one: "" for one in shown if one.startswith(incomplete)})


@silent
def runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Run folders, down to three below what was typed."""
    whole = Path(incomplete + "x").parent
    return _items({str(path): "" for path in sorted(_runs(whole, DEPTH)) if str(path).startswith(incomplete)})


@silent
def templates(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Papers' tables."""
    from judgebench.cli.known import registry

    with silence():
        from judgebench.reporting.paper_table import PaperTable

        classes = registry(ctx).classes
    found = {name: cls.summary for (_, name), cls in sorted(classes.items()) if issubclass(cls, PaperTable)}
    return _items({name: help for name, help in found.items() if name.startswith(incomplete)})


def files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files: the shell knows them."""
    return [CompletionItem(incomplete, type="file")]


def _items(found: dict[str, str]) -> list[CompletionItem]:
    return [CompletionItem(value, help=text or None) for value, text in found.items()]


def _runs(folder: Path, depth: int) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or not path.is_dir():
            continue
        if (path / MANIFEST).exists():
            yield path
        elif depth > 1:
            with contextlib.suppress(OSError):
                yield from _runs(path, depth - 1)


@silent
def kinds(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Kinds, as `list` names them."""
    from judgebench.cli.catalogue import of_kinds

    return _items({word: "" for word in (*of_kinds(()), "templates") if word.startswith(incomplete)})
