"""Whether a checkpoint is of the kind that a backend asks, told from its settings before anything is loaded."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from judgebench import ConfigError
from judgebench_hf import folder
from judgebench_hf.places import Checkpoint, Place

Kind = Literal["hf", "hf-reward"]
_CAUSAL = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
_CLASSIFIES = ("ForSequenceClassification",)
_NEITHER = ("ForMaskedLM", "ForTokenClassification", "ForQuestionAnswering", "ForMultipleChoice")
_TASKS = {"CAUSAL_LM": "hf", "SEQ_CLS": "hf-reward"}
_PROMPTS = ("PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "MULTITASK_PROMPT_TUNING", "ADAPTION_PROMPT", "CPT")
HEADS = re.compile(r"(?:.*\.)?(?:score|classifier)(?:\..*)?\.weight")
"""The weights of a sequence classification's head, as transformers and peft call them."""
_UNSAID = 2
"""Outputs of a head whose settings do not say: transformers leaves its own default out when it saves."""


def check(checkpoint: Checkpoint, kind: Kind, backend: str | None = None) -> None:
    """ConfigError for a checkpoint of another kind: its head would be missing, and made up at random.

    Hints name the backend that asks, where that is none of this plugin's.
    """
    asked = backend or kind
    if checkpoint.adapter is not None:
        _check_adapter(checkpoint.adapter, kind, asked)
    model = checkpoint.model
    if model.gguf and kind == "hf-reward":
        raise ConfigError(f"'{model.name}' is a .gguf file, which holds no reward head", f"ask it as hf:{model.name}")
    names = [str(name) for name in model.config.get("architectures") or ()]
    if not names:
        return
    told = ", ".join(names)
    if kind == "hf" and all(name.endswith(_CLASSIFIES) for name in names):
        raise ConfigError(f"'{model.name}' is no language model but {told}", f"ask it as hf-reward:{model.name}")
    if kind == "hf-reward" and checkpoint.adapter is None and all(name.endswith(_CAUSAL) for name in names):
        raise ConfigError(f"'{model.name}' has no reward head: it is {told}", f"ask it as hf:{model.name}")
    if all(name.endswith(_NEITHER) for name in names):
        causal = asked if kind == "hf" else "hf"
        hint = f"{causal} takes causal language models, hf-reward those that classify sequences"
        raise ConfigError(f"'{model.name}' is {told}, which no backend here can ask", hint)


def outputs(checkpoint: Checkpoint) -> int | None:
    """How many outputs a classification head has, where the settings or an adapter's file tell; else None."""
    if checkpoint.adapter is not None:
        return None if checkpoint.adapter.path is None else adapter_outputs(checkpoint.adapter)
    config = checkpoint.model.config
    labels = config.get("id2label")
    return len(labels) if isinstance(labels, Mapping) else int(config.get("num_labels", _UNSAID))


def adapter_outputs(adapter: Place) -> int | None:
    """Rows of the head that an adapter brings; None where it brings none, or none that can be read unloaded."""
    heads = head_shapes(folder.tensor_shapes(folder.adapter_weights(adapter.local())))
    return next(iter(heads.values()))[0] if heads else None


def head_shapes(shapes: Mapping[str, tuple[int, ...]]) -> Mapping[str, tuple[int, ...]]:
    """The weight matrices of classification heads among an adapter's tensors."""
    return {name: shape for name, shape in shapes.items() if HEADS.fullmatch(name) and len(shape) == 2}


def check_output(wanted: int | None, outputs: int | None, labels: Any, name: str) -> None:
    """ConfigError for an output that the head does not have, and where one of several has to be named."""
    if outputs is None:
        return
    shown = f" ({', '.join(f'{key}: {label}' for key, label in labels.items())})" if isinstance(labels, Mapping) else ""
    if wanted is None and outputs != 1:
        raise ConfigError(f"the head of '{name}' has {outputs} outputs{shown}", "name the one that counts: output=N")
    if wanted is not None and wanted >= outputs:
        raise ConfigError(f"the head of '{name}' has no output {wanted}{shown}", f"give a number below {outputs}")


def _check_adapter(adapter: Place, kind: Kind, asked: str) -> None:
    settings = adapter.adapter or {}
    if settings.get("peft_type") in _PROMPTS:
        raise ConfigError(f"the adapter '{adapter.name}' is {settings['peft_type']}", "LoRA and its kin can be loaded")
    task = _TASKS.get(str(settings.get("task_type")), kind)
    if task != kind:
        told = "scores sequences" if task == "hf-reward" else "is for a language model"
        raise ConfigError(f"the adapter '{adapter.name}' {told}", f"ask it with {task} in the place of {asked}")
