"""What vLLM needs to know of a checkpoint, beside what judgebench-hf tells of it."""

from judgebench_hf import fitting, folder, places
from judgebench_hf.places import Checkpoint, Place

from judgebench import ConfigError


def find(model: str, revision: str | None = None, adapter: str | None = None) -> Checkpoint:
    """The checkpoint behind the options. ConfigError for what vLLM does not load; errors of `places.find`."""
    found = places.find(model, revision, adapter, backend="vllm")
    if found.model.gguf:
        raise ConfigError(
            f"'{found.model.name}' is a .gguf file",
            "give a folder that save_pretrained wrote; the backends hf and llamacpp take .gguf",
        )
    if found.adapter is not None:
        rank(found.adapter)
    fitting.check(found, "hf", "vllm")
    return found


def rank(adapter: Place) -> int:
    """The highest rank among a LoRA adapter's matrices. ConfigError for an adapter of another kind."""
    settings = adapter.adapter or {}
    named = [settings.get("r"), *(settings.get("rank_pattern") or {}).values()]
    ranks = [rank for rank in named if isinstance(rank, int) and rank > 0]
    if settings.get("peft_type") != "LORA" or ranks != named:
        raise ConfigError(
            f"the adapter '{adapter.name}' is no LoRA adapter, and vLLM loads no others",
            "merge it into its model and give the folder of that, or ask it with the backend hf",
        )
    return max(ranks)


def address(place: Place) -> tuple[str, str | None]:
    """What vLLM is told of a place: a folder, or OWNER/NAME and its commit.

    An adapter on the hub is fetched, since vLLM knows no commits of adapters. PermanentError when it cannot be had.
    """
    if place.path is None and place.adapter is None:
        repo, _, commit = place.identity.partition("@")
        return repo, commit
    return str(place.local().resolve()), None


def tokenizer(checkpoint: Checkpoint) -> Place:
    """Where the tokenizer is: with the adapter where it brings one, else with the model."""
    adapter = checkpoint.adapter
    return adapter if adapter is not None and folder.has_tokenizer(adapter.local()) else checkpoint.model
