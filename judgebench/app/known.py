"""What there is: everything that ships, and every plugin."""

import os
from collections.abc import Sequence

from judgebench import components
from judgebench.discovery.registry import Registry
from judgebench.discovery.registry import load as load_registry
from judgebench.discovery.selection import selected


def registry(own: Sequence[type] = (), plugins: Sequence[str] = ()) -> Registry:
    """Everything that ships, every installed plugin, component classes of one's own, and plugins not installed.

    `plugins` are paths of .py files, of folders with an `__init__.py` or a pyproject.toml, or names of modules. The
    environment variable JUDGEBENCH_PLUGINS says which installed plugins take part: names of entry points or
    distributions between commas, paths among them; empty: none. PluginError for one that is not there, and for one of
    one's own that is broken; an installed one that is broken is set aside.
    """
    known = load_registry(components, plugins, selected(os.environ))
    if own:
        known.add_own(own)
    return known
