"""From a checkpoint to a model in memory: nothing is made up where weights are missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from judgebench import JudgebenchError, PermanentError, PluginError
from judgebench_hf import fitting, folder, memory, switches
from judgebench_hf.options import Transformers
from judgebench_hf.places import Checkpoint, Place
from judgebench_hf.prompts import Prompts
from judgebench_hf.quiet import without_bars

if TYPE_CHECKING:
    import torch

_OTHER = {"hf": "hf-reward", "hf-reward": "hf"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to be asked. `pad` fills rows up; `ends` are the tokens that end an answer."""

    model: Any
    prompts: Prompts
    device: "torch.device"
    pad: int
    ends: frozenset[int]


def libraries() -> None:
    """Import torch, transformers and peft. PluginError where one of them cannot be imported."""
    switches.prepare_threads()
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise PluginError(f"torch and transformers cannot be loaded: {error}", "pip install judgebench-hf") from None


def load(options: Transformers) -> Loaded:
    """Fetch and load what the options name.

    PermanentError where transformers cannot load it, weights are missing or the memory does not hold it.
    """
    if options.deterministic:
        switches.prepare_determinism()
    device = _device(options.device)
    checkpoint = options.checkpoint()
    with without_bars():
        try:
            tokenizer = _tokenizer(checkpoint, options)
            model = _model(checkpoint, options, device)
        except JudgebenchError:
            raise
        except Exception as error:
            raise _explained(error, options.model) from error
    return ready(options, model, tokenizer, device)


def ready(options: Transformers, model: Any, tokenizer: Any, device: "torch.device") -> Loaded:
    """A model that is in memory already, with its tokenizer, as sessions take it. PermanentError for an `n_ctx` beyond
    what the model takes.
    """
    vocabulary = model.get_input_embeddings().num_embeddings
    prompts = Prompts(tokenizer, options.template(), _n_ctx(options, model), vocabulary)
    ends = _ends(model, tokenizer)
    pads = (model.config.get_text_config().pad_token_id, tokenizer.pad_token_id, *sorted(ends), 0)
    pad = next(pad for pad in pads if pad is not None and 0 <= pad < vocabulary)
    return Loaded(model, prompts, device, pad, ends)


def _device(wanted: str | None) -> "torch.device":
    """The device that is wanted; None: the first there is. PermanentError where it is not there."""
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted is None:
        return torch.device(next(name for name, here in there.items() if here))
    try:
        device = torch.device(wanted)
    except RuntimeError:
        raise PermanentError(f"there is no device '{wanted}'", "cuda, cuda:1, mps or cpu; or leave it out") from None
    if not there.get(device.type, True):
        raise PermanentError(f"there is no {device.type} here", "device=cpu, or leave it out")
    return device


def _tokenizer(checkpoint: Checkpoint, options: Transformers) -> Any:
    """The adapter's own tokenizer where it brings one, else the model's."""
    from transformers import AutoTokenizer

    places = (checkpoint.adapter, checkpoint.model)
    paths = [place.local() for place in places if place is not None]
    path = next((path for path in paths if path.is_dir() and folder.has_tokenizer(path)), paths[-1])
    where, more = _where(path)
    return AutoTokenizer.from_pretrained(
        where, local_files_only=True, trust_remote_code=options.trust_remote_code, **more
    )


def _model(checkpoint: Checkpoint, options: Transformers, device: "torch.device") -> Any:
    import transformers

    causal = options.fits == "hf"
    cls: Any = transformers.AutoModelForCausalLM if causal else transformers.AutoModelForSequenceClassification
    where, more = _where(checkpoint.model.local())
    if device.type != "cpu":
        more["device_map"] = {"": device}
    brought = None if causal or checkpoint.adapter is None else fitting.adapter_outputs(checkpoint.adapter)
    if brought is not None:
        more["num_labels"] = brought
    model, found = cls.from_pretrained(
        where,
        dtype=_dtype(options, device),
        output_loading_info=True,
        local_files_only=True,
        trust_remote_code=options.trust_remote_code,
        **more,
    )
    missing = [name for name in found["missing_keys"] if brought is None or not fitting.HEADS.fullmatch(name)]
    _refuse_made_up(missing, found["unexpected_keys"], options)
    if checkpoint.adapter is not None:
        model = _with_adapter(model, checkpoint.adapter)
    return model.eval()


def _refuse_made_up(missing: Iterable[str], unexpected: Iterable[str], options: Transformers) -> None:
    """Weights that are not in the checkpoint were made at random by transformers: such a model is not asked."""
    other = f"is it a model for {_OTHER[options.fits]}? Ask it as {_OTHER[options.fits]}:{options.model}"
    if names := sorted(missing):
        told = ", ".join(names[:3]) + ", ..." * (len(names) > 3)
        raise PermanentError(f"'{options.model}' lacks {len(names)} weights of this kind of model: {told}", other)
    heads = sorted(name for name in unexpected if fitting.HEADS.fullmatch(name))
    if options.fits == "hf" and heads:
        raise PermanentError(f"'{options.model}' brings a head that a language model does not have: {heads[0]}", other)


def _with_adapter(model: Any, adapter: Place) -> Any:
    """The model with an adapter's layers in it. PermanentError where the two do not fit together."""
    import peft
    from peft.utils.save_and_load import load_peft_weights

    path = str(adapter.local())
    wrapped = peft.PeftModel.from_pretrained(model, path, is_trainable=False)
    stored = set(load_peft_weights(path, device="cpu"))
    wanted = set(peft.get_peft_model_state_dict(wrapped, save_embedding_layers=False))
    if lacking := sorted(wanted - stored):
        raise PermanentError(f"the adapter '{adapter.name}' lacks {lacking[0]}", "is it for another model?")
    # Embeddings that were saved with an adapter are put in the place of the model's, and are no part of `wanted`.
    known = {name.replace(".base_layer.", ".") for name in wrapped.state_dict()}
    if extra := sorted(stored - wanted - known):
        told = f"the model has no place for {extra[0]} of the adapter '{adapter.name}'"
        raise PermanentError(told, "is it for another model?")
    return wrapped.get_base_model()


def _where(path: Any) -> tuple[str, dict[str, Any]]:
    """A folder as transformers takes it, or the folder of a .gguf file and the file's name."""
    return (str(path.parent), {"gguf_file": path.name}) if path.is_file() else (str(path), {})


def _dtype(options: Transformers, device: "torch.device") -> Any:
    import torch

    if options.dtype != "auto":
        return getattr(torch, options.dtype)
    return torch.float32 if device.type == "cpu" or options.deterministic else "auto"


def _n_ctx(options: Transformers, model: Any) -> int | None:
    limit = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    if limit is not None and options.n_ctx is not None and options.n_ctx > limit:
        raise PermanentError(f"n_ctx is {options.n_ctx}, and '{options.model}' takes {limit} tokens", f"n_ctx={limit}")
    return limit if options.n_ctx is None else options.n_ctx


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    settings = getattr(model, "generation_config", None)
    named = (getattr(settings, "eos_token_id", None), model.config.get_text_config().eos_token_id)
    ids = {tokenizer.eos_token_id}
    for found in named:
        ids |= set(found) if isinstance(found, list | tuple) else {found}
    return frozenset(end for end in ids if end is not None)


def _explained(error: Exception, name: str) -> PermanentError:
    if memory.ran_out(error):
        memory.release()
        return PermanentError(
            f"'{name}' does not fit into the memory",
            "dtype=bfloat16 halves it; device=cpu where a GPU is too small; a .gguf file through llamacpp needs least",
        )
    told = (str(error).strip().splitlines() or [""])[0]
    return PermanentError(
        f"'{name}' could not be loaded: {type(error).__name__}: {told}",
        "is it whole, of a kind that this version of transformers knows, and trust_remote_code=true if it brings code?",
    )
