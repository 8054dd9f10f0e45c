import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from judgebench import Chat, Message, NextToken, Sampling, Text
from judgebench.testing.opened import Opened

pytestmark = pytest.mark.model
QUESTION = "Which is larger, a mouse or a house? Reply with one letter, A or B."
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}]
CONVERSATION = (Message("system", "Be brief."), Message("user", QUESTION))


@pytest.fixture(scope="module")
def url(model: str) -> Iterator[str]:
    command = [sys.executable, "-m", "judgebench_llamacpp.serve", model, "--port=0", "--deterministic", "--n-ctx=1024"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def post(url: str, path: str, **body: Any) -> Any:
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def test_http_and_in_process_say_the_same_to_the_bit(url: str, opened: Callable[..., Opened]) -> None:
    model = opened(deterministic=True)
    for _ in range(2):
        said = post(url, "/chat/completions", model="x", messages=MESSAGES, temperature=0, max_tokens=24)
        here = model.ask(Chat(CONVERSATION, Sampling(max_tokens=24)))
        assert said["choices"][0]["message"]["content"] == here.text
        assert said["choices"][0]["finish_reason"] == here.finish
        assert said["usage"]["prompt_tokens"] == here.usage.input_tokens
        likely = post(
            url, "/chat/completions", messages=MESSAGES, temperature=0, max_tokens=1, logprobs=True, top_logprobs=20
        )
        entries = likely["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        pairs = model.ask(NextToken(CONVERSATION, ("A", "B"))).logprobs
        assert tuple((entry["token"], entry["logprob"]) for entry in entries) == pairs


def test_http_draws_as_in_process(url: str, opened: Callable[..., Opened]) -> None:
    model = opened(deterministic=True)
    said = post(url, "/completions", prompt="Once upon a time", temperature=1.3, top_p=0.9, max_tokens=12, seed=7)
    here = model.ask(Text("Once upon a time", Sampling(temperature=1.3, top_p=0.9, max_tokens=12, seed=7)))
    assert said["choices"][0]["text"] == here.text


def test_context_overflow_is_a_400_over_http(url: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(url, "/chat/completions", messages=[{"role": "user", "content": "word " * 1100}], max_tokens=1)
    with caught.value as answer:
        assert answer.code == 400
        assert json.load(answer)["error"]["type"] == "exceed_context_size_error"


def test_a_model_that_does_not_exist_is_two_lines() -> None:
    command = [sys.executable, "-m", "judgebench_llamacpp.serve", "nowhere.gguf"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: model 'nowhere.gguf' is neither a file nor a known name\nhint: ")
