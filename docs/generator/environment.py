"""Environment variables: what each does, by hand; a test holds that every one that the code reads stands here."""

from docs.generator.markdown import mono, table, text

CORE = {
    "JUDGEBENCH_DATA": "the mirror of the hub that benchmarks read where neither an option nor `--data-dir` names one",
    "JUDGEBENCH_CACHE": "the folder for digests and fetched weights; default: `judgebench` in the user's cache folder",
    "JUDGEBENCH_PLUGINS": "the plugins that are loaded beside what ships, with commas between them: entry points or "
    "distributions that are installed, or paths; empty: none; not set: all that are installed",
    "JUDGEBENCH_TRACE": "set to anything: an error's traceback stands before its two lines, and so does that of every "
    "plugin that was set aside",
    "XDG_CACHE_HOME": "the user's cache folder; default: `~/.cache`",
    "_JUDGEBENCH_COMPLETE": "set by a shell that completes a word; `bash_source`, `zsh_source` or `fish_source`: print "
    'what such a shell needs for that, as in `eval "$(_JUDGEBENCH_COMPLETE=bash_source judgebench)"`',
    "NO_COLOR": "set to anything: no colour; there is none of our own",
    "OPENAI_API_KEY": "the key of OpenAI's server; the backend `openai` has the option `key` for another name, and any "
    "secret that a plugin's hook `judgebench_secret` does not give is looked for here under its name",
    "TIKTOKEN_CACHE_DIR": "where the library tiktoken finds its tables, for `tokenizer=` of `arena-score-style`",
    "HF_TOKEN": "opens what is gated on the hub; read by the library huggingface_hub",
    "HF_ENDPOINT": "another address of the hub; read by huggingface_hub",
    "HF_HOME": "where the hub's files are cached; read by huggingface_hub",
}
"""Of the core; what libraries read on its behalf too."""
PLUGINS = {
    "GOMP_SPINCOUNT": "judgebench-llamacpp, judgebench-hf, judgebench-loops: how long idle threads stay awake; "
    "set to 1000 unless it or `OMP_WAIT_POLICY` is set",
    "OMP_WAIT_POLICY": "the same plugins: see `GOMP_SPINCOUNT`",
    "CUBLAS_WORKSPACE_CONFIG": "judgebench-hf: set to `:4096:8` for `deterministic`, unless it is set",
    "VLLM_LOGGING_STREAM": "judgebench-vllm: set to `ext://sys.stderr` unless it is set",
    "VLLM_LOGGING_LEVEL": "judgebench-vllm: set to `ERROR` unless it is set",
    "VLLM_WORKER_MULTIPROC_METHOD": "judgebench-vllm: set to `spawn` unless it is set",
    "VLLM_NO_USAGE_STATS": "judgebench-vllm: set to 1 unless it is set",
    "PYTHON_DOTENV_DISABLED": "judgebench-alpaca-eval: set to 1 while the package is imported, and set back",
    "HF_HUB_OFFLINE": "judgebench-loops: set to 1 in the process that trains, unless it is set",
    "HF_HUB_DISABLE_TELEMETRY": "judgebench-loops: set to 1 in the process that trains, unless it is set",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "judgebench-loops: set to 1 in the process that trains, unless it is set",
    "TOKENIZERS_PARALLELISM": "judgebench-loops: set to `false` in the process that trains, unless it is set",
    "PYTHONUNBUFFERED": "judgebench-loops: set to 1 in the process that trains, unless it is set",
}
"""Of the repository's plugins."""


def environment_table(variables: dict[str, str]) -> str:
    """Variables with what they do."""
    return table(("variable", "what it does"), [(mono(name), text(said)) for name, said in variables.items()])
