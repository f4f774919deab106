"""The modules below the top of the standard library."""

import sys

from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY
from deferred_imports.tooling.table.submodules import SUBMODULES


def test_all_lie_in_the_standard_library() -> None:
    """Each is below a module that some Python has at the top."""
    assert len(SUBMODULES) > 200
    assert {name.partition(".")[0] for name in SUBMODULES} <= STANDARD_LIBRARY
    assert [name for name in SUBMODULES if "." not in name] == []


def test_it_has_what_this_python_has_loaded() -> None:
    """What this interpreter has loaded of its library is listed."""
    import collections.abc
    import importlib.metadata
    import xml.etree.ElementTree as ET

    assert {collections.abc.__name__, importlib.metadata.__name__, ET.__name__} <= {*sys.modules}
    assert {"collections.abc", "importlib.metadata", "xml.etree.ElementTree", "xml.etree"} <= {*SUBMODULES}
