"""Distributions whose import packages have other names."""

from packaging.utils import canonicalize_name

from deferred_imports.tooling.table import known
from deferred_imports.tooling.table.known import known_for
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY


def test_what_brings_a_module() -> None:
    """A module below a listed one counts, too; the usual distribution comes first."""
    assert known_for("PIL.Image") == ["pillow"]
    assert known_for("cv2")[0] == "opencv-python"
    assert known_for("unheard.of") == []


def test_the_list_is_in_order_and_says_something() -> None:
    """Lines are sorted, no module stands twice, none is the standard library's, and no line says the obvious alone."""
    lines = [line.split(": ") for line in known._KNOWN.strip().splitlines()]
    modules = [module.strip() for module, _ in lines]
    assert modules == sorted(set(modules))
    assert STANDARD_LIBRARY.isdisjoint(modules)
    told = [(module.strip(), brought.split()) for module, brought in lines]
    assert [module for module, names in told if "." not in module and names == [canonicalize_name(module)]] == []
