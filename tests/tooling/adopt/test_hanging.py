"""What still hangs on imports that stay, by the edges of a start."""

from deferred_imports.tooling.adopt.hanging import Hanging, find_hanging, staying
from deferred_imports.tooling.adopt.moves import Kept
from deferred_imports.tooling.adopt.plan import make_plan
from deferred_imports.tooling.start.timing import Edge, Startup


def edge(importer: str, line: int, module: str, holder: str = "") -> Edge:
    """Return an import that ran at the top of a module, or in a function that a holder has called."""
    return Edge(holder or importer, importer, f"{importer}.py", line, not holder, module)


def startup(*edges: Edge) -> Startup:
    """Return a start of the program `app`, which has loaded what these name."""
    loaded = ("sys", "app", *dict.fromkeys(one.module for one in edges))
    start = edge("__main__", 1, "app")
    return Startup(frozenset({"sys"}), loaded, {}, (start, *edges), frozenset(), None, {})


def kept(name: str, line: int, reason: str = "module") -> Kept:
    """Return a name that stays."""
    return Kept(name, line, reason, "", ())  # type: ignore[arg-type]  # the reasons are known words


def test_all_that_only_one_line_brings() -> None:
    """What a foreign package loads in its turn is counted, and what another line loads as well is not."""
    start = startup(edge("app", 2, "big"), edge("big", 1, "big.part"), edge("big", 2, "json"), edge("app", 3, "json"))
    line = kept("big", 2)
    assert find_hanging(start, {"app": [(2, line)]}, ["app"]) == [Hanging("big", 2, (("app", line),))]


def test_lines_that_hold_the_same_count_together() -> None:
    """Two lines that import one package hold it together; either alone would free nothing."""
    start = startup(edge("app", 2, "app.one"), edge("app", 3, "big"), edge("app.one", 1, "big"))
    first, second = kept("big", 3), kept("big", 1)
    (found,) = find_hanging(start, {"app": [(3, first)], "app.one": [(1, second)]}, ["app"])
    assert (found.target, found.count, {line for _, line in found.lines}) == ("big", 1, {first, second})


def test_a_function_needs_its_module_and_its_caller() -> None:
    """What a function imports that was called at the top hangs on the module that holds it, too."""
    start = startup(edge("app", 2, "app.tools"), edge("app.tools", 9, "big", holder="app"))
    line = kept("tools", 2)
    (found,) = find_hanging(start, {"app": [(2, line)]}, ["app"])
    assert (found.target, found.count) == ("app.tools", 2)


def test_what_stays_has_its_present_line() -> None:
    """Lines are those of the rewritten module, reasons those of the first look."""
    before = make_plan(b"import json\nimport csv\nX = json\n\n\ndef f():\n    csv\n", "app", is_package=False)
    now = make_plan(b"import json\nX = json\n\n\ndef f():\n    import csv\n\n    csv\n", "app", is_package=False)
    assert [(line, one.name, one.reason) for line, one in staying(before.outline(), now.outline())] == [
        (1, "json", "module")
    ]


def test_most_comes_first() -> None:
    """What holds most modules is told first; of equals what fewer lines hold, then by name."""
    start = startup(
        edge("app", 2, "small"),
        edge("app", 3, "big"),
        edge("big", 1, "big.part"),
        edge("app", 4, "alike"),
        edge("app", 5, "other"),
        edge("app", 6, "alike"),
    )
    names = [(line, kept(name, line)) for line, name in enumerate(("small", "big", "alike", "other", "alike"), 2)]
    found = find_hanging(start, {"app": names}, ["app"])
    assert [(one.target, one.count, len(one.lines)) for one in found] == [
        ("big", 2, 1),
        ("other", 1, 1),
        ("small", 1, 1),
        ("alike", 1, 2),
    ]


def test_what_would_move_in_vain_comes_last() -> None:
    """Of the lines that hold a package, those that have to stay come before those that could move."""
    start = startup(edge("app", 2, "app.one"), edge("app", 3, "big"), edge("app.one", 1, "big"))
    idle, base = kept("big", 1, "idle"), kept("big", 3, "base")
    (found,) = find_hanging(start, {"app.one": [(1, idle)], "app": [(3, base)]}, ["app"])
    assert found.lines == (("app", base), ("app.one", idle))


def test_what_could_move_stays_as_idle() -> None:
    """A name that could move and does not is idle, with the functions that it would move to."""
    plan = make_plan(b"import json\n\n\ndef f():\n    json\n\n\ndef g():\n    json\n", "app", is_package=False)
    ((line, one),) = staying(plan.outline(), plan.outline())
    assert (line, one.reason, one.detail) == (1, "idle", "`f`, `g`")
