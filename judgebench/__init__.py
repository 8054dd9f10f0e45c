"""judgebench: is the new checkpoint a better policy, a better judge, or is it noise, length, position?

This module is the public door for plugins and scripts: nouns, kinds, `hookimpl` and errors. Names
are imported on first use, so that `import judgebench` costs nothing; `__init__.pyi` tells type
checkers the same names.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "core.errors": (
        "BackendError BudgetError ConfigError DataError JudgebenchError PermanentError PluginError "
        "RecordError RequestError TransientError VerdictError"
    ),
    "core.request": "Chat Completion Message ModelName NextToken Request Reward Sampling SequenceScore Text Usage",
    "core.item": "Answered Item Judged Miss Part Preference Response Sample Score Trial Verdict Vote",
    "core.leaderboard": "Comparison Estimate Leaderboard Series",
    "core.events": "CallDone CallFailed Event JobDone RunFinished RunStarted StageStarted",
    "plugin.benchmark": "Benchmark DerivedBenchmark Match",
    "plugin.kinds": "Ask Backend Import Judge Policy Report Secret Session",
    "plugin.measure": "Cells Limits Measure Mode Prepared Published RatioMeasure Support",
    "plugin.component": "Component",
    "plugin.conventions": "Convention ConventionName Credit",
    "plugin.hub": "DataFile HubFile hub_file",
    "plugin.digests": "cache_folder file_digest remember_digest",
    "plugin.options": "build nearest option options",
    "plugin.hooks": "hookimpl",
    "plugin.template": "Template",
    "plugin.transcript": "fields judge_messages judge_template without_reasoning",
    "stats.table": "Table",
    "engine.decision": "Decision",
    "engine.recording": "Recording",
    "engine.dryrun": "Forecast",
    "app": "Board collect compare forecast leaderboard run",
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names.split()}
__all__ = ["__version__", *_HOME]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'judgebench' has no attribute '{name}'")
    return getattr(import_module(f"judgebench.{_HOME[name]}"), name)
