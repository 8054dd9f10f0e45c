"""Tasks over local files, and commands that know the toy model classes."""

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OFFICIAL = "from lm_eval.__main__ import cli_evaluate as main"
OURS = "from judgebench.cli.main import main"

TASK = """\
task: {name}
dataset_path: json
dataset_kwargs:
  data_files: {{test: {data}}}
  cache_dir: {cache}
test_split: test
metadata: {{version: 1.0}}
"""
SUMS = """\
output_type: generate_until
doc_to_text: "Q: {{q}}\\nA:"
doc_to_target: "{{a}}"
generation_kwargs: {until: ["\\n"], do_sample: false}
filter_list:
  - name: plain
    filter: [{function: remove_whitespace}, {function: take_first}]
  - name: digit
    filter: [{function: regex, regex_pattern: "(\\\\d)"}, {function: take_first}]
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
"""
LETTERS = """\
output_type: multiple_choice
doc_to_text: "Word: {{w}}\\nLetter:"
doc_to_target: label
doc_to_choice: choices
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
  - {metric: acc_norm, aggregation: mean, higher_is_better: true}
"""
LAST = """\
output_type: loglikelihood
doc_to_text: "Q: {{q}}\\nA:"
doc_to_target: " {{a}}"
metric_list:
  - {metric: perplexity, aggregation: perplexity, higher_is_better: false}
  - {metric: acc, aggregation: mean, higher_is_better: true}
"""
ROLL = """\
output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{q}}"
metric_list:
  - {metric: word_perplexity, aggregation: weighted_perplexity, higher_is_better: false}
"""
NAMES = ("toy_sums", "toy_letters", "toy_last", "toy_roll")


@dataclass(frozen=True)
class Tasks:
    """A folder of YAML files, and where commands may write."""

    folder: Path
    where: Path


def write_tasks(where: Path, rows: int = 60) -> Tasks:
    """Sums of two numbers, and words whose likeliest letter is asked for."""
    draw = random.Random(5)
    numbers = [(draw.randrange(100), draw.randrange(100)) for _ in range(rows)]
    sums = [{"q": f"{a} + {b}", "a": str(a + b)} for a, b in numbers]
    letters = [
        {"w": "".join(draw.choices("abc", k=7)), "choices": ["a", "b", "cc"], "label": draw.randrange(3)}
        for _ in range(rows)
    ]
    folder = where / "yaml"
    folder.mkdir()
    for name, kind, data in zip(NAMES, (SUMS, LETTERS, LAST, ROLL), (sums, letters, sums, sums), strict=True):
        file = where / f"{name}.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in data))
        (folder / f"{name}.yaml").write_text(TASK.format(name=name, data=file, cache=where / "datasets") + kind)
    return Tasks(folder, where)


def command(program: str, *arguments: str, where: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A command line as a user types it, with the toy classes registered and no network."""
    script = f"import sys, toy_lm; {program}; sys.argv[0] = 'command'; main()"
    alone = {
        "PYTHONPATH": str(Path(__file__).parent),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HOME": str(where / "hf"),
        "JUDGEBENCH_CACHE": str(where / "cache"),
    }
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=where,
        env={**os.environ, **alone, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
