"""What there is: everything that ships, and every plugin."""

from collections.abc import Sequence

from judgebench import components
from judgebench.plugin.registry import Registry
from judgebench.plugin.registry import load as load_registry


def registry(own: Sequence[type] = ()) -> Registry:
    """Everything that ships, every installed plugin, and component classes of one's own."""
    known = load_registry(components)
    if own:
        known.add_own(own)
    return known
