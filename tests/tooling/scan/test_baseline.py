"""Two starts compared: what is new, what is gone, what takes longer; and what is no scan."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deferred_imports.tooling.scan.baseline import BaselineError, compare, read_baseline, said


def start(**modules: int) -> Mapping[str, Any]:
    return {"starts": [{"modules": [{"name": name, "self_us": us} for name, us in modules.items()]}]}


def test_new_gone_and_slower() -> None:
    """A module is slower when its own code takes half as long again and 2 ms more; what costs most stands first."""
    found = compare(start(gone=5, a=10_000, b=1_000, c=10_000), start(new=7, newer=9, a=15_000, b=2_900, c=14_900))
    assert (list(found.new.items()), found.gone) == ([("newer", 9), ("new", 7)], {"gone": 5})
    assert found.slower == {"a": (10_000, 15_000)}
    assert said(found) == [
        "new: 2 modules, 0.0 ms: newer, new",
        "gone: 1 module, 0.0 ms: gone",
        "slower: a, 10.0 ms before, 15.0 ms now",
    ]


def test_nothing_has_changed() -> None:
    """Two equal starts are said to be equal."""
    assert said(compare(start(a=1), start(a=1))) == ["no module is new, gone or slower"]


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"starts": []}', '{"starts": [{"modules": []}]}', '{"starts": [1]}']
)
def test_what_is_no_scan(text: str, tmp_path: Path) -> None:
    """A file that is no JSON of `scan`, or shows no start, is refused by name, with what was expected."""
    (tmp_path / "old.json").write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError, match=r"old\.json: expected what `scan --json` prints"):
        read_baseline(tmp_path / "old.json")


def test_a_scan_is_read(tmp_path: Path) -> None:
    """What `scan --json` prints is read as it is."""
    (tmp_path / "old.json").write_text(json.dumps(start(a=1)), encoding="utf-8")
    assert read_baseline(tmp_path / "old.json") == start(a=1)
