"""The pytest plugin, as the tests of somebody's plugin use it."""

import subprocess
import sys

CONFTEST = 'pytest_plugins = ["judgebench.testing.fixtures"]\n'
TESTS = """
import asyncio
from dataclasses import dataclass
import pytest
from judgebench import Chat, Judge, Message, Preference, option
from judgebench.components.backends.openai import OpenAI
from judgebench.components.backends.scripted import Scripted
from judgebench.testing import Asking, conformance

@dataclass(frozen=True)
class First(Judge):
    name = "first"
    summary = "the first"
    share: float = option(help="of the first")

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        return Preference((self.share, 1.0 - self.share))

CHAT = Chat((Message("user", "hello"),))
servers = []

def test_a_server_answers(loopback, opened):
    server = loopback(replies=["Hello!"])
    servers.append(server)
    assert opened(OpenAI("m", base_url=server.url)).ask(CHAT).text == "Hello!"
    assert server.stats()["requests"] == 1

def test_equal_backends_are_opened_once(opened, loopback):
    assert opened(Scripted(default="x")) is opened(Scripted(default="x"))
    assert opened(Scripted(default="x")) is not opened(Scripted(default="y"))
    assert [one.text for one in opened(Scripted(default="x")).ask_all([CHAT, CHAT])] == ["x", "x"]
    assert servers[0].stats()["requests"] == 1

def test_asking_is_new_in_each_test(asking):
    assert isinstance(asking, Asking)
    asyncio.run(asking("m", CHAT))
    assert len(asking.asked) == 1

def test_asking_is_new_in_each_test_again(asking):
    assert asking.asked == []

@pytest.mark.parametrize("check", conformance(First, share=0.9), ids=str)
def test_conforms(check):
    check()

def test_needs_options():
    for check in conformance(First):
        check()
"""


def test_fixtures_and_checks_in_somebodys_tests(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_mine.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-W", "error", "test_mine.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 passed, 3 skipped" in done.stdout
    assert done.stdout.count("it asks nobody") == 1  # of two, which pytest puts together
    assert "option 'share' is missing" in done.stdout
