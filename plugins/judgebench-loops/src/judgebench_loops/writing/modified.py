"""Self-Taught Evaluators' pairs: an instruction a little beside the given one, whose good answer is a bad one to that.

With two calls the model first writes the instruction (`ask_instruction`, `instruction_in`), and is then given it as it
would be given any prompt: the worse response is written just as the better one is. With one call it writes both
(`ask_both`, `both_in`). The paper's ablation asks for a worse answer outright (`ask_worse`, `worse_in`).

Source: Wang et al. (2024), Self-Taught Evaluators, section 3.2 and the ablation of section 5. The wording is ours.
"""

import re
from dataclasses import dataclass

from judgebench_loops.kept import Dropped

INSTRUCTION = """\
# An instruction that a user gave
{instruction}
{shown}
# Your task
Write another instruction. It is about nearly the same thing, and could be taken for the one above by somebody who \
reads in haste, but it asks for something else: a good answer to yours is no good answer to the one above. Do not \
answer it.

Write the new instruction and nothing else."""

BOTH = """\
# An instruction that a user gave
{instruction}
{shown}
# Your task
First write another instruction. It is about nearly the same thing, and could be taken for the one above by somebody \
who reads in haste, but it asks for something else. Then write a good answer to yours, which is no good answer to the \
one above.

Write in this form and nothing else:
New instruction: <your instruction>
Answer: <your answer to it>"""
_PLACEHOLDERS = ("<your instruction>", "<your answer to it>")
"""A model that repeats the form has written nothing: small ones do."""

WORSE = """\
# An instruction that a user gave
{instruction}

# A good answer to it
{response}

# Your task
Write an answer to the instruction that is worse than the one above. It looks like an honest attempt, but it has \
mistakes, leaves out something that matters, or misses a part of what was asked. Do not say that it is worse.

Write the answer and nothing else."""

_SHOWN = """
# A good answer to it
{response}
"""
_INSTRUCTION = re.compile(r"^[ \t#*]*new instruction[ \t*]*:[ \t*]*", re.IGNORECASE | re.MULTILINE)
_ANSWER = re.compile(r"^[ \t#*]*answer[ \t*]*:[ \t*]*", re.IGNORECASE | re.MULTILINE)
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Modified:
    """Another instruction and a good answer to it, which is the worse response to the first instruction."""

    instruction: str
    answer: str


def ask_instruction(instruction: str, response: str | None = None) -> str:
    """The message that asks for the other instruction; a good response to the given one may be shown."""
    return INSTRUCTION.format(instruction=instruction, shown=_shown(response))


def ask_both(instruction: str, response: str | None = None) -> str:
    """The message that asks for the other instruction and an answer to it at once."""
    return BOTH.format(instruction=instruction, shown=_shown(response))


def ask_worse(instruction: str, response: str) -> str:
    """The message that asks for a worse answer to the same instruction."""
    return WORSE.format(instruction=instruction, response=response)


def instruction_in(text: str, finish: str | None, original: str) -> str:
    """The instruction in a completion of `ask_instruction`: all of it, or what follows a line's `New instruction:`.

    Dropped: `cut` where the text ended at the token limit, `no modified instruction` where there is none, and `same
    instruction` where it has the words of the original, whatever their case and the signs between them.
    """
    if finish == "length":
        raise Dropped("cut")
    mark = _INSTRUCTION.search(text)
    return _another(text[mark.end() :] if mark else text, original)


def both_in(text: str, finish: str | None, original: str) -> Modified:
    """Instruction and answer in a completion of `ask_both`, each after its mark; the answer goes on to the end.

    Dropped as by `instruction_in`, and `no answer to the modified instruction`; the form repeated as it stands is none.
    """
    if finish == "length":
        raise Dropped("cut")
    mark = _INSTRUCTION.search(text)
    if mark is None:
        raise Dropped("no modified instruction")
    answer = _ANSWER.search(text, mark.end())
    instruction = _another(text[mark.end() : answer.start() if answer else len(text)], original)
    said = text[answer.end() :].strip() if answer else ""
    if said in ("", *_PLACEHOLDERS):
        raise Dropped("no answer to the modified instruction")
    return Modified(instruction, said)


def worse_in(text: str, finish: str | None, better: str) -> str:
    """The answer in a completion of `ask_worse`. Dropped: `cut`, `no answer`, `same answer` as the better one."""
    if finish == "length":
        raise Dropped("cut")
    said = text.strip()
    if not said:
        raise Dropped("no answer")
    if said == better.strip():
        raise Dropped("same answer")
    return said


def _shown(response: str | None) -> str:
    return "" if response is None else _SHOWN.format(response=response)


def _another(text: str, original: str) -> str:
    """The instruction without blanks around it; Dropped where there is none, or it is the original."""
    found = text.strip()
    if found in ("", *_PLACEHOLDERS):
        raise Dropped("no modified instruction")
    if _WORDS.findall(found.casefold()) == _WORDS.findall(original.casefold()):
        raise Dropped("same instruction")
    return found
