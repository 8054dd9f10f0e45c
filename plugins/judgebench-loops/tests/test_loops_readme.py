"""What the README says: its configuration can be read, and every part and stage that it names is one."""

import re
from pathlib import Path

import yaml
from judgebench_loops.config import TOP, from_mapping, read
from judgebench_loops.definition import SECTIONS
from judgebench_loops.options import SYSTEMS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_configuration_can_be_read() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", README, flags=re.DOTALL)
    loop = from_mapping("self-rewarding", yaml.safe_load(text), "README")
    assert [one.name for one in loop.evaluations] == ["policy", "judge"]
    assert loop.iterations[0].train["dpo"].lora_rank == 16
    assert loop.iterations[0].candidates.n == 4


def test_every_part_is_named() -> None:
    table = README.split("| part | what it sets | systems |")[1].split("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in table.splitlines()[2:])))
    assert named >= set(SECTIONS)
    assert named <= {*SECTIONS, *TOP}


def test_the_open_questions_name_options_that_there_are(tmp_path: Path) -> None:
    table = README.split("## What the papers leave open")[1].split("\n## ")[0]
    asked = re.findall(r"`(pairs|eft|meta|choose)\.(\w+): (\w[\w.-]*)`", table)
    assert len(asked) >= 8
    for part, key, value in asked:
        config = tmp_path / "loop.yaml"
        config.write_text(f"model: m\n{part}: {{{key}: {value}}}\n")
        read("meta-rewarding", config)


def test_every_system_is_named() -> None:
    assert all(f"| `{system}` |" in README for system in SYSTEMS)
