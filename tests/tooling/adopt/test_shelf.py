"""The plans that are there, and those that are made again."""

from deferred_imports.tooling.adopt.moves import Wanted
from deferred_imports.tooling.adopt.shelf import ModuleSource, Shelf

SOURCE = b"import json\n\n\ndef use():\n    return json\n"


def shelf(most: int, count: int) -> Shelf:
    """Return a shelf for so many bytes, with so many modules."""
    found = Shelf(most)
    for number in range(count):
        found.add(f"app.m{number}", ModuleSource(SOURCE, is_package=False, wanted=Wanted(), postponed=False))
    return found


def test_the_last_ones_are_there() -> None:
    """What was asked for last stays, as long as there is room; what is made again is the same in all but identity."""
    one = shelf(2 * len(SOURCE), 2)
    first, second = one.plan("app.m0"), one.plan("app.m1")
    assert one.plan("app.m0") is first
    one.add("app.m2", ModuleSource(SOURCE, is_package=False, wanted=Wanted(), postponed=False))
    assert one.plan("app.m0") is first  # it was asked for later than the other
    again = one.plan("app.m1")
    assert again is not second
    assert again.outline() == second.outline()


def test_one_is_always_there() -> None:
    """A module that is larger than all the room is there as long as no other is asked for."""
    one = shelf(1, 1)
    assert one.plan("app.m0") is one.plan("app.m0")
