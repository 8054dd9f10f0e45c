"""Plugins as users have them: installed distributions on the path of another process."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from textwrap import dedent

HEAD = """\
from dataclasses import dataclass

from judgebench import Judge, Preference, hookimpl, option

"""
LONGER = """\
@dataclass(frozen=True)
class Longer(Judge):
    name = "{name}"
    summary = "the longer answer wins"
    margin: int = option(0, help="characters that do not count")

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        first, second = (response.length for response in trial.responses)
        return Preference((1.0, 0.0) if first > second + self.margin else (0.0, 1.0))

"""
HOOK = """\
@hookimpl
def judgebench_components():
    return [Longer]
"""


def judge(name):
    """The source of a plugin with one judge."""
    return HEAD + LONGER.format(name=name) + HOOK


def install(folder, distribution, source, version="1.0", commands="", entry=None, metadata=True):
    """A distribution with one module, as an installer leaves it."""
    module = distribution.replace("-", "_")
    Path(folder, f"{module}.py").write_text(dedent(source))
    info = Path(folder, f"{module}-{version}.dist-info")
    info.mkdir()
    if metadata:
        info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    text = "" if entry == "" else f"[judgebench]\n{entry or f'{module} = {module}'}\n"
    for word in commands.split():
        text += f"[judgebench.commands]\n{word} = {module}\n"
    info.joinpath("entry_points.txt").write_text(text)


def wheel(folder, distribution, source, version):
    """A distribution as a wheel, made without a build backend."""
    content = folder / "content"
    content.mkdir()
    install(content, distribution, source, version)
    module = distribution.replace("-", "_")
    info = content / f"{module}-{version}.dist-info"
    info.joinpath("WHEEL").write_text(
        "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files = sorted(path.relative_to(content) for path in content.rglob("*") if path.is_file())
    info.joinpath("RECORD").write_text("".join(f"{file},,\n" for file in files) + f"{info.name}/RECORD,,\n")
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file in [*files, Path(info.name, "RECORD")]:
            archive.write(content / file, file)
    return path


def pip_install(folder, path):
    """The folder into which pip has installed a wheel."""
    options = ("-q", "--no-deps", "--no-index", "--no-cache-dir", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", folder / "site", path]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "site"


def python(*args, path, cwd=None, **environment):
    """Python in another process, the folder `path` among its places of packages; warnings are errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", *args],
        env={**os.environ, "PYTHONPATH": str(path), **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )


def judgebench(*args, path, cwd=None, **environment):
    """The command line in another process."""
    return python("-m", "judgebench.cli.main", *map(str, args), path=path, cwd=cwd, **environment)
