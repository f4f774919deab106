"""Environment markers, combined."""

import pytest
from packaging.markers import Marker

from deferred_imports.tooling.table.combining import OPPOSITE, all_of, either, opposite_of

WINDOWS, OLD = "sys_platform == 'win32'", "python_version < '3.11'"


def test_where_all_hold() -> None:
    """None is everywhere, a marker counts once, and `or` keeps its meaning beside `and`."""
    assert all_of([None, None]) is None
    assert all_of([WINDOWS, None, WINDOWS]) == WINDOWS
    joined = all_of([f"{WINDOWS} or {OLD}", "os_name == 'nt'"])
    assert joined == f"({WINDOWS} or {OLD}) and os_name == 'nt'"
    Marker(joined or "")


def test_where_one_holds() -> None:
    """A marker and its opposite leave out no place."""
    assert either([WINDOWS, OLD, WINDOWS]) == f"{WINDOWS} or {OLD}"
    assert either([WINDOWS, "sys_platform != 'win32'"]) is None


@pytest.mark.parametrize("operator", OPPOSITE)
def test_opposites(operator: str) -> None:
    """Every comparison that has an opposite is the opposite of that."""
    marker = f"python_version {operator} '3.11'"
    assert opposite_of(opposite_of(marker) or "") == marker
    assert opposite_of(f"{marker} and {WINDOWS}") is None
