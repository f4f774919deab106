"""The parts of the page, by themselves: what they say of a start, and that no text gets out of its element."""

from typing import Any

from deferred_imports.tooling.scan.baseline import Comparison
from deferred_imports.tooling.scan.page.parts import compared, controls, distributions, headline

WEIRD = "<script>&\"'"


def document(command: str, **saves: list[str]) -> dict[str, Any]:
    """Return as much of the JSON of a scan as the headline needs."""
    amounts: dict[str, Any] = {kind: {"us": 1000 * len(names), "modules": names} for kind, names in saves.items()}
    amounts.setdefault("can", {"us": 0, "modules": []})
    amounts.setdefault("risky", amounts["can"])
    start = {"command": command, "loaded": {"us": 9000, "modules": 9}, "saves": amounts}
    found = [{"module": name, "level": 0, "saves": {"modules": [name]}} for name in saves.get("can", ())]
    return {"starts": [start], "imports": found}


def test_the_headline_says_what_can_wait() -> None:
    """The cost of the start, what waiting would save, and what more is to be had with care."""
    told = headline(document("atlas --help", can=["a", "b"], risky=["a", "b", "c"]))
    assert told == (
        "<code>atlas --help</code>: 9.0 ms, 9 modules. 2 imports can wait: 2.0 ms, 2 modules."
        " With changes and care: 3.0 ms, 3 modules."
    )


def test_the_headline_of_a_start_that_is_as_light_as_can_be() -> None:
    """Where nothing can wait it says so."""
    assert headline(document("atlas")).endswith("No import of it can wait as it is.")


def test_texts_are_escaped() -> None:
    """Names of commands, distributions and modules are text wherever they stand."""
    rows = [{"distribution": WEIRD, "self_us": 1}]
    parts = (
        headline(document(WEIRD)),
        controls(rows),
        distributions(rows),
        compared(Comparison({WEIRD: 1}, {WEIRD: 1}, {WEIRD: (1, 9)})),
    )
    assert [WEIRD in part or "<script" in part for part in parts] == [False] * len(parts)
    assert all("&lt;script&gt;&amp;" in part for part in parts)


def test_a_bar_for_each_distribution() -> None:
    """The one that costs most comes first and has the longest bar; the others are shares of it."""
    rows = [{"distribution": name, "self_us": us} for name, us in (("b", 100), ("a", 300), ("b", 50))]
    told = distributions(rows)
    assert told.index("width:100.0%") < told.index("width:50.0%")
    assert told.index(">a<") < told.index(">b<")


def test_nothing_has_changed() -> None:
    """A comparison without differences is a sentence, no empty table."""
    assert "<table" not in compared(Comparison({}, {}, {}))
