"""A GGUF file loaded by llama.cpp: what its parameters are set to, and why."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from judgebench import PermanentError, PluginError

if TYPE_CHECKING:
    import xllamacpp

SPIN = "1000"
"""Turns that an idle OpenMP thread waits awake. libgomp's own default makes two threads twenty times slower as soon
as another process wants a core; sleeping at once costs half of the speed on an idle machine."""
STEP = 512
"""Prompt tokens between two moments at which a request can be cancelled."""
_TEMPLATE_KEY = b"tokenizer.chat_template"
_HEAD = 64 << 20


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is loaded. `n_ctx` is per slot; `gpu_layers` None: as many as fit."""

    n_ctx: int
    slots: int
    threads: int
    deterministic: bool
    gpu_layers: int | None
    chat_template: str | None


def usable_cores() -> int:
    """How many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def has_chat_template(path: Path) -> bool:
    """Does the file bring a chat template? Without one llama.cpp would take ChatML in silence."""
    with path.open("rb") as file:
        return _TEMPLATE_KEY in file.read(_HEAD)


def load(path: Path, settings: Settings, host: str, port: int = 0) -> "xllamacpp.Server":
    """A loaded model that listens on `host` (a name, or a path ending in .sock); its last reference releases it.

    PermanentError when llama.cpp refuses the file, PluginError when llama.cpp itself cannot be loaded.
    """
    llama = _library()
    params = llama.CommonParams()
    params.model.path = str(path)
    params.hostnames, params.port = [host], port
    params.n_parallel = settings.slots
    params.n_ctx = settings.n_ctx * settings.slots
    params.n_batch = params.n_ubatch = STEP
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings.threads
    if settings.gpu_layers is not None:
        params.n_gpu_layers = settings.gpu_layers
    params.ctx_shift = False  # a text that outgrows its context is cut in sight, not shifted
    params.cache_ram_mib = 0  # no copies of old prompts beside the slots: they may take 8 GiB
    params.cache_prompt = not settings.deterministic
    if settings.deterministic:  # with flash attention, the number of threads would change the last digits
        params.flash_attn_type = llama.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    if settings.chat_template is not None:
        params.chat_template = settings.chat_template
    # Texts as the model wrote them: no reasoning taken out, no tool calls looked for.
    params.reasoning_format = llama.common_reasoning_format.COMMON_REASONING_FORMAT_NONE
    params.force_pure_content_parser = True
    _plain_sampling(llama, params.sampling)
    params.verbosity = 0
    params.ui = params.endpoint_slots = False
    params.endpoint_metrics = True
    try:
        server = llama.Server(params)
        # Answered by the server's loop: one that is released before its loop runs would wait for its own end for ever.
        server.handle_metrics()
        return server
    except (RuntimeError, ValueError) as error:
        raise PermanentError(
            f"llama.cpp could not load {path.name}: {error}",
            "it may be damaged, too new for this llama.cpp, or too large for the memory with this n_ctx and parallel",
        ) from None


def _library() -> "xllamacpp":
    if not os.environ.keys() & {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}:  # read by libgomp when it is loaded
        os.environ["GOMP_SPINCOUNT"] = SPIN
    try:
        import xllamacpp
    except ImportError as error:
        hint = "install the system's OpenMP library (libgomp1)" if "gomp" in str(error) else "reinstall xllamacpp"
        raise PluginError(f"llama.cpp cannot be loaded: {error}", hint) from None
    return xllamacpp


def _plain_sampling(llama: "xllamacpp", sampling: "xllamacpp.CommonParamsSampling") -> None:
    """Temperature and top-p alone, as a request says: neither llama.cpp's defaults nor a file's wishes beside them."""
    sampling.top_k, sampling.min_p = 0, 0.0
    sampling.temp, sampling.top_p = 1.0, 1.0
    flags = llama.common_params_sampling_config
    sampling.user_sampling_config = sum(flag.value for flag in flags)
