"""lm-eval's model classes: found by their names, and made."""

import gc
import sys
from collections.abc import Mapping
from typing import Any

from judgebench import ConfigError, PermanentError, PluginError
from judgebench_lm_eval.nearest import nearest

EXTRAS = {"hf": "hf", "huggingface": "hf", "hf-auto": "hf", "vllm": "vllm", "vllm-vlm": "vllm", "litellm": "litellm"}
"""What lm-eval calls the packages that a class needs, where it has a name for them; services' are `api`."""


DEFAULTS = {"batch_size": 1, "device": "cuda:0"}
"""What lm-eval's own command gives every class where a user does not; without such a device, `hf` takes the CPU."""


def check(name: str) -> None:
    """ConfigError for a name that no model class has, PluginError where lm-eval cannot be imported. Loads no class."""
    try:
        import lm_eval.models  # noqa: F401  fills the registry
        from lm_eval.api.registry import MODEL_REGISTRY
    except ImportError as error:
        raise PluginError(f"lm-eval cannot be loaded: {error}", "pip install lm-eval") from None
    if name not in MODEL_REGISTRY:
        known = sorted(MODEL_REGISTRY)
        raise ConfigError(f"lm-eval has no model class '{name}'", nearest(name, known, "known: " + ", ".join(known)))


def make(name: str, arguments: Mapping[str, Any]) -> Any:
    """A model of this class, made as lm-eval's own command makes it.

    ConfigError for an unknown name or argument, PluginError where packages that the class needs are missing,
    PermanentError where it cannot be made for another reason.
    """
    check(name)
    from lm_eval.api.registry import get_model

    try:
        return get_model(name).create_from_arg_obj({**DEFAULTS, **arguments})
    except ImportError as error:
        raise PluginError(
            f"lm-eval's model class '{name}' lacks a package: {told(error)}",
            f"pip install 'lm-eval[{EXTRAS.get(name, 'api')}]'",
        ) from error
    except TypeError as error:
        raise ConfigError(f"lm-eval's model class '{name}': {told(error)}", "are `args` those of the class?") from error
    except Exception as error:  # classes raise what they like
        raise PermanentError(
            f"lm-eval's model class '{name}' cannot be made: {told(error)}",
            "are `args` those of the class? hf and vllm want pretrained, services model and base_url",
        ) from error


def release() -> None:
    """Give back the memory of models that nobody holds any more, the GPU's too."""
    gc.collect()  # their caches and progress bars hold them in circles
    if (torch := sys.modules.get("torch")) is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def told(error: BaseException) -> str:
    """An error's first line; of one that says nothing, its class."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
