"""Which moves are worth their edits."""

from deferred_imports.tooling.adopt.worth import least_saving


def test_the_files_that_save_least_are_left_out_first() -> None:
    """One after the other, until so many are left; of those that save as much, by their names."""
    saved = {"b": {(0, "x")}, "a": {(0, "y")}, "c": {(0, "p"), (1, "p"), (1, "q")}}
    assert least_saving(saved, 3) == []
    assert least_saving(saved, 2) == ["a"]
    assert least_saving(saved, 1) == ["a", "b"]


def test_what_one_file_loads_no_other_saves() -> None:
    """What two files keep from being loaded is loaded when one is left out: then the other saves so much less."""
    both = {(0, "big"), (0, "bigger"), (0, "biggest")}
    saved = {"one": both, "two": both | {(0, "x")}, "other": {(0, "y"), (0, "z"), (0, "zz"), (0, "zzz")}}
    assert least_saving(saved, 1) == ["one", "two"]
