"""An example backend: any program of one's own that reads a conversation and writes an answer is a model."""

import asyncio
import contextlib
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from judgebench import (
    Backend,
    Chat,
    Completion,
    ConfigError,
    PermanentError,
    Request,
    RequestError,
    TransientError,
    file_digest,
    hookimpl,
    option,
)

AGAIN = 75
"""The exit code by which a program says that it may work when it is asked again: EX_TEMPFAIL of sysexits.h."""


@dataclass(frozen=True)
class Program(Backend):
    """Starts the program for each request: a JSON object on its standard input, the answer on its standard output.

    The object has `messages` (`role`, `content`) and `sampling` (`temperature`, `top_p`, `max_tokens`, `seed`, ...). A
    program that ends with 75 is asked again, one that ends with another code but 0 loses this request alone, and one
    that cannot be started ends the run. Files that the command names are a part of what the model is: edited ones make
    another.
    """

    name = "program"
    summary = "asks a program of your own: a conversation as JSON in, the answer out"

    command: str = option(help="the program and its arguments, as in a shell")
    concurrency: Annotated[int, msgspec.Meta(ge=1)] = option(4, help="programs at once", identity=False)
    timeout: Annotated[float, msgspec.Meta(gt=0)] = option(600.0, help="seconds until one is stopped", identity=False)

    def __post_init__(self) -> None:
        """ConfigError for a command that cannot be read as a shell would."""
        try:
            words = shlex.split(self.command)
        except ValueError as error:
            raise ConfigError(f"program: {error}: {self.command}", "quote it as in a shell") from None
        if not words:
            raise ConfigError("program: there is no program", "such as program:'python answer.py'")

    @property
    def slots(self) -> int:
        """The option `concurrency`."""
        return self.concurrency

    def fingerprint(self) -> Mapping[str, str]:
        """Digests of the files that the command names."""
        return {word: file_digest(Path(word)) for word in shlex.split(self.command) if Path(word).is_file()}

    async def complete(self, request: Request) -> Completion:
        """What the program writes, blanks at its end aside."""
        if not isinstance(request, Chat):
            raise RequestError(f"program: it cannot answer a {type(request).__name__}", "it answers conversations")
        given = {"messages": request.messages, "sampling": request.sampling}
        code, out, err = await self._ran(msgspec.json.encode(given))
        if code == AGAIN:
            raise TransientError(f"program: {_last(err) or 'it asks to be tried again'}")
        if code != 0:
            raise RequestError(f"program: it ended with {code}: {_last(err)}")
        return Completion(out.decode("utf-8", "replace").rstrip(), "stop")

    async def _ran(self, given: bytes) -> tuple[int | None, bytes, bytes]:
        """Exit code and what was written. Whatever ends the wait ends the program."""
        try:
            process = await asyncio.create_subprocess_exec(
                *shlex.split(self.command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise PermanentError(f"program: {error.strerror}: {self.command}", "does it run by itself?") from None
        try:
            out, err = await asyncio.wait_for(process.communicate(given), self.timeout)
        except TimeoutError:
            raise TransientError(f"program: no answer within {self.timeout:g} s", "raise timeout=...") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return process.returncode, out, err


def _last(err: bytes) -> str:
    """The last line that the program wrote to its standard error."""
    lines = err.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


@hookimpl
def judgebench_components() -> Iterable[type]:
    """The backend."""
    return [Program]
