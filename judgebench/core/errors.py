"""The error tree: each class fixes an exit code and whether a call is tried again.

    JudgebenchError                  1
    ├── ConfigError                  2   a run file, flag or option is wrong
    ├── PluginError                  3   a plugin is broken, clashes or is missing
    ├── DataError                    4   data cannot be read or does not fit
    ├── BackendError                 5   a model could not be asked
    │   ├── TransientError               tried again: time-outs, 429, 5xx, lost connections
    │   └── PermanentError               not tried again: ends the run (wrong key, unknown model)
    │       └── RequestError             not tried again: only this request is lost (context overflow)
    ├── BudgetError                  6   the next call would go beyond the budget
    └── RecordError                  7   a run folder is damaged, locked or full

`VerdictError` stands apart: a judge's text could not be read, which is a Miss and never ends a run.
"""


class JudgebenchError(Exception):
    """An error to show a user: one line that says what is wrong, one that says what to do about it."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(JudgebenchError):
    """A run file, a flag or an option is wrong."""

    exit_code = 2


class PluginError(JudgebenchError):
    """A plugin is broken, missing, or claims a name that another one has."""

    exit_code = 3


class DataError(JudgebenchError):
    """Data cannot be read, or does not have the form that was promised."""

    exit_code = 4


class BackendError(JudgebenchError):
    """A model could not be asked. Raise one of the subclasses: the class alone decides about a retry."""

    exit_code = 5


class TransientError(BackendError):
    """May succeed when tried again. `retry_after` is the server's own wish, in seconds."""

    def __init__(self, message: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class PermanentError(BackendError):
    """Will fail for every request alike (wrong key, unknown model): the run stops, its record kept."""


class RequestError(PermanentError):
    """This one request is refused (context overflow, content filter): a Miss, and the run goes on."""


class BudgetError(JudgebenchError):
    """The run has spent what it was allowed to spend."""

    exit_code = 6


class RecordError(JudgebenchError):
    """A run folder cannot be read or written."""

    exit_code = 7


class VerdictError(Exception):
    """A judge's samples do not hold a verdict; its text becomes the reason of the Miss."""
