"""How a module serves later what others take from it; the golden cases `offered` and `exports` show whole modules."""

import sys
import types

import pytest

from deferred_imports.tooling.adopt.moves import Move, Wanted
from deferred_imports.tooling.adopt.plan import make_plan
from deferred_imports.tooling.adopt.serving import serving_lines

SOURCE = b"import xml.sax\nfrom html import escape\n\n\ndef f():\n    return xml, escape\n"


def offered() -> list[Move]:
    """Return two names that a module offers, of which no export can say the first."""
    names = frozenset({"xml", "escape"})
    wanted = Wanted(patched=names, listed="`a.py`", lists="xml", registered=True)
    return list(make_plan(SOURCE, "app.cli", is_package=False, wanted=wanted).moves.values())


@pytest.mark.parametrize("by_registry", [(), ("escape",), ("escape", "xml")])
def test_each_name_is_served(by_registry: tuple[str, ...]) -> None:
    """By the registry, by a function of its own, or by both; and `dir()` lists what is looked for there."""
    namespace: dict[str, object] = {"__name__": "app.cli"}
    asked = []

    def attach(module: dict[str, object]) -> object:
        def load(name: str) -> object:
            asked.append(name)
            return getattr(__import__("html"), name)

        module["__dir__"] = lambda: [*module, *by_registry]
        return load

    lines = "\n".join(["if True:", *serving_lines(offered(), by_registry, '"')])
    namespace["attach"] = attach
    exec(compile(lines, "cli", "exec"), namespace)  # noqa: S102 - it is what is tested
    get, listing = namespace["__getattr__"], namespace.get("__dir__")
    assert isinstance(get, types.FunctionType)
    assert get("escape")("<") == "&lt;"
    if "xml" not in by_registry:
        assert get("xml") is sys.modules["xml"]
        assert isinstance(listing, types.FunctionType)
        assert {"xml", *by_registry} <= {*listing()}
        with pytest.raises(AttributeError):
            get("nothing")
    assert asked == [name for name in ("escape", "nothing") if by_registry][: 2 if "xml" not in by_registry else 1]
