"""Gates: the outcomes of comparisons on which a command is to fail."""

from collections.abc import Sequence

from judgebench.core.errors import ConfigError


def can_close(gate: Sequence[str], label: str, better: str | None, margin: float | None) -> None:
    """ConfigError where a measure can have none of the outcomes on which a gate closes; an empty gate is none."""
    possible = {"undecided", *(("different",) if better is None else ("better", "worse"))}
    if margin is not None:
        possible.add("equivalent")
    if not gate or possible & set(gate):
        return
    why = f"a gate on {' or '.join(gate)} can never close"
    if "equivalent" in gate:
        raise ConfigError(f"{why} without a margin", "give the smallest difference that matters with --margin")
    if better is None:
        raise ConfigError(
            f"{why}: neither more nor less of {label} is better",
            "let it close on 'different', or leave the measure out",
        )
    raise ConfigError(f"{why}: of {label} one is better or worse, never just different", "let it close on one of these")
