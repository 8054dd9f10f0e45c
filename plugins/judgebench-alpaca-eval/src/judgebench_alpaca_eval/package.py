"""The installed package alpaca-eval: where its files lie, its version, and its modules, imported without noise."""

import importlib
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from judgebench import ConfigError

Parser = Callable[..., Any]
_INSTALL = "pip install alpaca-eval 'setuptools<81'"
_NO_DOTENV = "PYTHON_DOTENV_DISABLED"


def installed_version() -> str:
    """The version of alpaca-eval. ConfigError where it is not installed."""
    try:
        return version("alpaca-eval")
    except PackageNotFoundError:
        raise ConfigError("the package alpaca-eval is not installed", _INSTALL) from None


def configurations() -> Path:
    """The folder of its annotator configurations; nothing is imported. ConfigError where there is none."""
    found = find_spec("alpaca_eval")
    for place in (found.submodule_search_locations or ()) if found is not None else ():
        if (folder := Path(place) / "evaluators_configs").is_dir():
            return folder
    raise ConfigError("the package alpaca-eval is not installed", _INSTALL)


def parser(name: str) -> Parser:
    """One of its completion parsers. ConfigError where it has none of that name."""
    parsers = module("completion_parsers")
    if name not in parsers.__all__:
        raise ConfigError(
            f"alpaca-eval {installed_version()} has no parser '{name}'", "known: " + ", ".join(sorted(parsers.__all__))
        )
    found: Parser = getattr(parsers, name)
    return found


def messages(prompt: str) -> list[dict[str, str]]:
    """A prompt in ChatML as messages, as the package reads it. AssertionError or IndexError for what is no ChatML."""
    found: list[dict[str, str]] = module("utils").prompt_to_chatml(prompt)
    return found


@contextmanager
def unheard() -> Iterator[None]:
    """Keeps back what the package says of a text that it cannot read.

    It speaks through the root logger, which would also set up that logger's output on the spot. What others say
    meanwhile passes.
    """
    root, silent = logging.getLogger(), logging.NullHandler()

    def others(record: logging.LogRecord) -> bool:
        return f"{os.sep}alpaca_eval{os.sep}" not in record.pathname

    root.addHandler(silent)
    root.addFilter(others)
    try:
        with warnings.catch_warnings():
            # patterns such as "[[A]]", which are meant literally and are sets to Python
            warnings.filterwarnings("ignore", "Possible (nested set|set difference)", FutureWarning)
            yield
    finally:
        root.removeFilter(others)
        root.removeHandler(silent)


def module(name: str) -> Any:
    """A module of the package, such as `utils`. The first import takes seconds. ConfigError where it fails.

    Importing alters the process, which is undone: it sets the root logger's level, and would take variables from any
    `.env` above the package into the environment.
    """
    if (found := sys.modules.get(f"alpaca_eval.{name}")) is not None:
        return found
    root, before = logging.getLogger(), os.environ.get(_NO_DOTENV)
    level = root.level
    os.environ[_NO_DOTENV] = "1"
    try:
        with unheard(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pkg_resources and of the packages below, none of which is ours to mend
            return importlib.import_module(f"alpaca_eval.{name}")
    except ImportError as error:
        raise ConfigError(f"alpaca-eval cannot be imported: {error}", _INSTALL) from None
    finally:
        root.setLevel(level)
        os.environ.pop(_NO_DOTENV)
        if before is not None:
            os.environ[_NO_DOTENV] = before
