"""What a judge of a run is shown: policies against a baseline or each other, or the items' ready responses."""

from collections.abc import Sequence

from judgebench.core.errors import ConfigError
from judgebench.core.item import Item
from judgebench.engine.plan import slots
from judgebench.engine.resolve import Setup
from judgebench.plugin.benchmark import Match, each_other

Pairing = tuple[str | None, str | None, bool, bool]
READY: Pairing = (None, None, False, False)
"""The items' ready responses, compared with each other."""


def pairings(setup: Setup, items: Sequence[Item], judge: str, sees: str | None) -> list[Pairing]:
    """What a judge is shown: keys of each policy and its opponent, whether that is measured too, and whether the
    policy is judged alone. `sees`: the policies' answers, the items' ready responses ("pairs"), or both; by default the
    first where there are policies.

    ConfigError if nothing is compared.
    """
    name = setup.benchmark.name
    if not items:
        raise ConfigError(f"benchmark '{name}' holds no item", "check its options")
    keys = {entrant.subject.name: entrant.subject.key for entrant in setup.policies}
    matches = None if sees == "pairs" else setup.benchmark.matches(list(keys))
    if sees in ("pairs", "both") or not keys:
        if all(slots(item, None) is None for item in items):
            hint = "leave `sees` out, to show it the policies' answers" if keys else "name policies with --policy"
            raise ConfigError(f"the items of '{name}' bring no responses to compare", hint)
        if sees == "policies":
            raise ConfigError(f"judge '{judge}' is to be shown policies' answers, and there are none", "add --policy")
        if sees != "both" or not keys:
            return [READY]
    if matches is None:
        alone = all(item.baseline is None for item in items)
        matches = each_other(list(keys)) if alone else [Match(policy) for policy in keys]
    if not matches:
        raise ConfigError(
            f"'{name}' brings no baseline to compare policy '{next(iter(keys))}' with",
            "name a second policy, or leave the policy out where the items bring responses",
        )
    found = [READY] if sees == "both" else []
    for match in matches:
        opponent = None if match.opponent is None else keys[match.opponent]
        found.append((keys[match.policy], opponent, match.mutual, match.alone))
    return found
