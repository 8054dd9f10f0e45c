"""How the engine is started and ended, and what its failures mean."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from judgebench_vllm.backend import VLLM
from vllm_kit import write_adapter
from vllm_stand_in import (
    AsyncEngineArgs,
    Engine,
    EngineDeadError,
    EngineGenerateError,
    LoRARequest,
    VLLMError,
    VLLMValidationError,
    install,
)

from judgebench import ConfigError, PermanentError, PluginError, RequestError, Text, TransientError
from judgebench.testing.opened import Opened, no_secret

Open = Callable[..., Opened]


def test_options_become_the_engines_arguments(open_model: Open, engines: list[Engine], model: str) -> None:
    open_model(
        dtype="bfloat16",
        n_ctx=100,
        parallel=7,
        tensor_parallel=2,
        gpu_memory=0.5,
        prefix_caching=False,
        eager=True,
        trust_remote_code=True,
    )
    assert engines[0].arguments == AsyncEngineArgs(
        model=model,
        runner="generate",
        tokenizer=model,
        tokenizer_mode="hf",
        trust_remote_code=True,
        dtype="bfloat16",
        tensor_parallel_size=2,
        max_num_seqs=7,
        enable_prefix_caching=False,
        enforce_eager=True,
        seed=0,
        logprobs_mode="raw_logprobs",
        max_logprobs=-1,
        disable_log_stats=True,
        use_tqdm_on_load=False,
        max_model_len=100,
        gpu_memory_utilization=0.5,
    )


def test_what_nobody_sets_is_left_to_vllm(open_model: Open, engines: list[Engine]) -> None:
    open_model()
    found = engines[0].arguments
    assert (found.max_model_len, found.gpu_memory_utilization, found.dtype) == (None, None, "auto")
    assert (found.max_num_seqs, found.enable_prefix_caching, found.enable_lora) == (64, True, False)


def test_deterministic_is_one_request_at_a_time_without_prefix_cache(open_model: Open, engines: list[Engine]) -> None:
    open_model(deterministic=True, parallel=9)
    assert engines[0].arguments.max_num_seqs == 1
    assert engines[0].arguments.enable_prefix_caching is False
    assert VLLM(model="x", deterministic=True, parallel=9).slots == 1
    assert VLLM(model="x", parallel=9).slots == 9


def test_an_adapter_goes_with_every_request(
    open_model: Open, engines: list[Engine], model: str, tmp_path: Path
) -> None:
    adapter = str(write_adapter(tmp_path / "lora", model, r=12, rank_pattern={"q_proj": 33}))
    alone, beside = open_model(model=adapter), open_model(adapter=adapter)
    for opened, engine in zip((alone, beside), engines, strict=True):
        opened.ask(Text("Once"))
        assert (engine.arguments.model, engine.arguments.tokenizer) == (model, model)
        assert (engine.arguments.enable_lora, engine.arguments.max_lora_rank, engine.arguments.max_loras) == (
            True,
            64,
            1,
        )
        assert engine.adapters == [LoRARequest(adapter, 1, adapter)]
        assert engine.asked[0].adapter == engine.adapters[0]


def test_an_adapters_own_tokenizer_counts(open_model: Open, engines: list[Engine], model: str, tmp_path: Path) -> None:
    adapter = write_adapter(tmp_path / "lora", model)
    (adapter / "tokenizer.json").write_text("{}")
    open_model(adapter=str(adapter))
    assert (engines[0].arguments.model, engines[0].arguments.tokenizer) == (model, str(adapter))


def test_an_adapter_that_vllm_refuses_ends_the_engine(
    open_model: Open, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = install(monkeypatch, adapter_error=ValueError("DoRA is not supported"))
    with pytest.raises(PermanentError, match=r"cannot load the adapter .* DoRA is not supported") as caught:
        open_model(adapter=str(write_adapter(tmp_path / "lora", model)))
    assert "merge" in caught.value.hint
    assert engines[0].stopped == 1
    with pytest.raises(PermanentError, match="rank 600"):
        open_model(adapter=str(write_adapter(tmp_path / "wide", model, r=600)))


def test_the_engine_ends_with_the_block_whatever_happens_in_it(engines: list[Engine], model: str) -> None:
    async def use(error: Exception | None) -> None:
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(VLLM(model=model).open(no_secret))
            if error is not None:
                raise error
        with pytest.raises(PermanentError, match="the model is closed"):
            await session.complete(Text("Once"))

    asyncio.run(use(None))
    with pytest.raises(KeyError):
        asyncio.run(use(KeyError()))
    assert [engine.stopped for engine in engines] == [1, 1]


@pytest.mark.parametrize(
    ("error", "meaning", "told"),
    [
        (VLLMValidationError("too odd"), RequestError, "vLLM refuses the request: too odd"),
        (ValueError("too odd\nand more"), RequestError, "vLLM refuses the request: too odd$"),
        (EngineGenerateError(), TransientError, "vLLM could not answer: EngineGenerateError"),
        (VLLMError("busy"), TransientError, "vLLM could not answer: busy"),
        (EngineDeadError("see above"), PermanentError, "vLLM's engine has ended"),
        (RuntimeError("strange"), PermanentError, "vLLM fails: RuntimeError: strange"),
    ],
)
def test_errors_mean_what_their_class_says(
    open_model: Open, engines: list[Engine], error: Exception, meaning: type[Exception], told: str
) -> None:
    model = open_model()
    engines[0].error = error
    with pytest.raises(meaning, match=told) as caught:
        model.ask(Text("Once"))
    assert type(caught.value) is meaning
    if isinstance(error, EngineDeadError):
        assert "gpu_memory" in caught.value.hint  # type: ignore[attr-defined]
        assert "n_ctx" in caught.value.hint  # type: ignore[attr-defined]


def test_an_error_that_says_nothing_is_told_by_its_cause(open_model: Open, engines: list[Engine]) -> None:
    model = open_model()
    error = EngineGenerateError()
    error.__cause__ = RuntimeError("no kernel for this\nand more")
    engines[0].error = error
    with pytest.raises(TransientError, match=r"vLLM could not answer: RuntimeError: no kernel for this$"):
        model.ask(Text("Once"))


def test_a_reason_is_told_where_pydantic_gives_it(
    open_model: Open, engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    class ValidationError(ValueError):
        def errors(self) -> list[dict[str, str]]:
            return [{"msg": "Value error, This model does not support `--runner generate`."}]

    def fail(arguments: AsyncEngineArgs) -> None:
        raise ValidationError("1 validation error for ModelConfig\n  Value error, ...")

    monkeypatch.setattr(sys.modules["vllm"].AsyncLLMEngine, "from_engine_args", fail)
    with pytest.raises(PermanentError, match=r"cannot load '.*': Value error, This model does not support"):
        open_model()


def test_an_engine_that_does_not_start_names_what_helps(
    open_model: Open, engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(arguments: AsyncEngineArgs) -> None:
        raise RuntimeError("Engine core initialization failed. See root cause above.\nFailed core proc(s): {}")

    monkeypatch.setattr(sys.modules["vllm"].AsyncLLMEngine, "from_engine_args", fail)
    with pytest.raises(PermanentError, match=r"cannot load '.*': Engine core initialization failed") as caught:
        open_model()
    assert "\n" not in caught.value.message
    for name in ("n_ctx", "gpu_memory", "parallel", "tensor_parallel"):
        assert name in caught.value.hint


def test_without_vllm_the_command_that_installs_it_is_named(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)

    async def use() -> None:
        async with VLLM(model=model).open(no_secret):
            raise AssertionError("it has opened")

    with pytest.raises(PluginError, match="vllm cannot be loaded") as caught:
        asyncio.run(use())
    assert caught.value.hint == "pip install vllm"


def test_a_users_own_settings_of_vllm_stay(
    open_model: Open, engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    from judgebench_vllm.engine import ENVIRONMENT

    for name in ENVIRONMENT:
        monkeypatch.setenv(name, "mine")
    monkeypatch.delenv("VLLM_LOGGING_STREAM")
    open_model()
    assert os.environ["VLLM_LOGGING_LEVEL"] == "mine"
    assert os.environ["VLLM_LOGGING_STREAM"] == "ext://sys.stderr"


@pytest.mark.parametrize(
    "wrong", [{"n_ctx": 1}, {"parallel": 0}, {"tensor_parallel": 0}, {"gpu_memory": 0.0}, {"gpu_memory": 1.5}]
)
def test_numbers_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        VLLM(model="x", **wrong)


def test_listing_and_checking_load_neither_vllm_nor_torch(model: str) -> None:
    code = (
        "import sys, judgebench_vllm\n"
        "from judgebench_vllm.backend import VLLM\n"
        "names = [cls.name for cls in judgebench_vllm.judgebench_components()]\n"
        f"VLLM(model={model!r}).fingerprint()\n"
        "heavy = {'torch', 'transformers', 'vllm', 'huggingface_hub', 'numpy'} & set(sys.modules)\n"
        "print(names, VLLM.status, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['vllm'] untested on a GPU []"
