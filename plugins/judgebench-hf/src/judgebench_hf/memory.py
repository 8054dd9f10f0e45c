"""Memory of the device: what running out of it looks like, and how it is given back."""

import gc

_WORDS = ("out of memory", "DefaultCPUAllocator", "not enough memory")


def ran_out(error: BaseException) -> bool:
    """Did the device, or the machine, run out of memory? torch has a class for CUDA's, and but a text for others."""
    import torch

    if isinstance(error, torch.cuda.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error) for word in _WORDS)


def release() -> None:
    """Give back what nothing refers to any more."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()
