"""judgebench lm-eval: tasks of lm-evaluation-harness beside a policy's win rates."""

import re
from collections.abc import Sequence
from pathlib import Path

import click

from judgebench import ConfigError
from judgebench_lm_eval.backend import LmEval
from judgebench_lm_eval.panel import Settings, evaluate, find

_SPEC = re.compile(
    r"(?:(?P<name>[^\s=:@,](?:[^=:@,]*[^\s=:@,])?)=)?lm-eval:(?P<model_class>[^,]+)(?:,\s*args=(?P<args>.+))?",
    re.DOTALL,
)
_INSTEAD = {
    "hf": 'lm-eval:hf,args={{"pretrained": "{}"}}',
    "vllm": 'lm-eval:vllm,args={{"pretrained": "{}"}}',
    "openai": 'lm-eval:local-completions,args={{"model": "{}", "base_url": "..."}}',
}
"""The class of lm-eval's that asks what a backend of ours asks."""


def policies_of(specs: Sequence[str]) -> dict[str, LmEval]:
    """Policies by name, from `[NAME=]lm-eval:CLASS[,args=...]`; without a name the class is one.

    ConfigError for another form: a task's text and what follows it must reach the model as lm-eval sets them, and a
    backend of judgebench's is asked for conversations.
    """
    found: dict[str, LmEval] = {}
    for spec in specs:
        match = _SPEC.fullmatch(spec)
        if match is None:
            raise ConfigError(f"'{spec}' is no model class of lm-eval's", _instead(spec))
        name = match["name"] or match["model_class"]
        if name in found:
            raise ConfigError(f"two policies are called '{name}'", "name them: --policy NAME=lm-eval:CLASS,args=...")
        found[name] = LmEval(match["model_class"], match["args"] or "")
    return found


def _instead(spec: str) -> str:
    """What to write for a backend of judgebench's that loads what a class of lm-eval's loads too; else the form."""
    match = re.fullmatch(r"((?:[^=:@,]+=)?)(\w+):([^,]+).*", spec, re.DOTALL)
    if match is None or match[2] not in _INSTEAD:
        return 'the form is [NAME=]lm-eval:CLASS[,args=...], such as base=lm-eval:hf,args={"pretrained": "DIR"}'
    return f"write {match[1]}{_INSTEAD[match[2]].format(match[3])}"


def lm_eval_command(cli: click.Group) -> click.Command:
    """The command; `cli` brings `import`, by which the samples become a run."""

    @click.command("lm-eval", short_help="Tasks of lm-evaluation-harness beside a policy's win rates.")
    @click.argument("tasks", nargs=-1, required=True, metavar="TASK...")
    @click.option(
        "--policy",
        "policies",
        multiple=True,
        required=True,
        metavar="SPEC",
        help="[NAME=]lm-eval:CLASS[,args=...]; may be given more than once.",
    )
    @click.option("--out", required=True, metavar="RUN", help="The run folder; extended when it exists.")
    @click.option("--limit", type=click.IntRange(min=1), help="The first so many documents of each task.")
    @click.option("--num-fewshot", type=click.IntRange(min=0), help="Examples before each. [default: the task's own]")
    @click.option("--include-path", metavar="FOLDER", help="A folder of your own tasks' YAML files.")
    @click.option("--apply-chat-template", is_flag=True, help="Ask through the model's chat template.")
    @click.pass_context
    def command(
        ctx: click.Context,
        tasks: tuple[str, ...],
        policies: tuple[str, ...],
        out: str,
        limit: int | None,
        num_fewshot: int | None,
        include_path: str | None,
        apply_chat_template: bool,
    ) -> None:
        """Score policies on tasks as lm-evaluation-harness does, and record every document.

        TASK is a task, group, tag or pattern of `lm_eval ls tasks`, or the path of a YAML file. The scores are those of
        lm-eval's own command with the same settings; its files and a cache of the responses lie in RUN/lm-eval, so that
        a second call asks for what is new alone.

        \b
          judgebench lm-eval arc_easy gsm8k --limit 200 --out runs/capability \\
              --policy 'step-20=lm-eval:hf,args={"pretrained": "ckpts/step-20"}'
          judgebench leaderboard runs/policies runs/capability
        """
        asked = policies_of(policies)
        for model in asked.values():
            model.fingerprint()  # an error now, before a model is loaded
        settings = Settings(limit, num_fewshot, include_path, apply_chat_template)
        wanted = find(tasks, include_path)
        core = cli.get_command(ctx, "import")
        assert core is not None
        for number, (name, model) in enumerate(asked.items(), start=1):
            written = evaluate(model, wanted, settings, Path(out))
            ctx.invoke(
                core,
                form="lm-eval",
                files=tuple(map(str, written)),
                out=out,
                options=(f"policy={name}",),
                board=number == len(asked),
            )

    return command
