"""The backend keeps to what every backend must do; programs that fail end as their exit codes say."""

import asyncio
import shlex
import sys
from pathlib import Path

import pytest
from judgebench_program import Program

from judgebench import Chat, ConfigError, Message, PermanentError, RequestError, Sampling, Text, TransientError
from judgebench.testing import Check, conformance

ANSWER = Path(__file__).parent / "answer.py"
COMMAND = shlex.join([sys.executable, str(ANSWER)])


@pytest.mark.parametrize("check", conformance(Program(COMMAND)), ids=str)
def test_conforms(check: Check) -> None:
    check()


def asked(text: str, **options: float) -> str:
    request = Chat((Message("user", text),), Sampling(max_tokens=7))
    return asyncio.run(Program(COMMAND, **options).complete(request)).text  # type: ignore[arg-type]


def test_the_answer_is_what_the_program_writes() -> None:
    assert asked("Zwölf\n") == "Zwölf\n 7"


def test_exit_codes() -> None:
    with pytest.raises(TransientError, match="out of luck"):
        asked("exit 75")
    with pytest.raises(RequestError, match="ended with 3: out of luck"):
        asked("exit 3")


def test_a_program_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(TransientError, match="no answer within"):
        asked("sleep 60", timeout=0.3)


def test_what_cannot_be_started_or_answered() -> None:
    with pytest.raises(PermanentError, match="No such file"):
        asyncio.run(Program("no-such-program-here").complete(Chat((Message("user", "x"),))))
    with pytest.raises(RequestError, match="cannot answer a Text"):
        asyncio.run(Program(COMMAND).complete(Text("x")))


@pytest.mark.parametrize("command", ["", "  ", "python 'answer.py"])
def test_no_command(command: str) -> None:
    with pytest.raises(ConfigError):
        Program(command)


def test_an_edited_program_is_another_model(tmp_path: Path) -> None:
    script = tmp_path / "answer.py"
    script.write_text("print(1)")
    before = Program(f"python {script}").fingerprint()
    script.write_text("print(2)")
    assert before != Program(f"python {script}").fingerprint()
