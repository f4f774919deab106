"""Where names are used, and as what, by the scopes of Python."""

import ast
import sys

import pytest

from deferred_imports.tooling.adopt.scopes import find_uses
from deferred_imports.tooling.adopt.uses import PlacedUses


def found(code: str, *, postponed: bool = False) -> PlacedUses:
    """Find the uses of `json`, which the first line imports."""
    tree = ast.parse(f"import json\n{code}\n")
    return find_uses(tree, ["json"], tree.body[:1], postponed=postponed, readers=lambda _: "")


@pytest.mark.parametrize(
    ("code", "roles"),
    [
        ("def f():\n    json", ["call"]),
        ("json.loads", ["module"]),
        ("class A(json.A): ...", ["base"]),
        ("@json.f\ndef f(): ...", ["decorator"]),
        ("def f(a=json): ...", ["default"]),
        ("class A:\n    b = json", ["class"]),
        ("def f(json):\n    json", []),
        ("def f():\n    json = 1\n    return json", []),
        ("[json for json in ()]", []),
        ("def f():\n    return lambda: json", ["call"]),
        ("def f():\n    [json for a in ()]", ["call"]),
    ],
)
def test_what_it_is_used_as(code: str, roles: list[str]) -> None:
    """What runs in a function is a call, what a scope binds itself is another name, all else runs while importing."""
    assert [use.role for use in found(code).uses] == roles


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 has brought type parameters (PEP 695)")
@pytest.mark.parametrize(
    ("code", "roles"),
    [
        ("class A[json](list[json]):\n    x: json", []),
        ("def f[json](x: json) -> json: return json", []),
        ("def f[T](x=json): ...", ["default"]),
        ("class A[T: json.A](list[T]): ...", ["unread"]),
        ("type X = json.A", ["unread"]),
        ("def f():\n    type X = json.A", ["call"]),
    ],
)
def test_type_parameters(code: str, roles: list[str]) -> None:
    """They are in a scope of their own; what stands in there is read when somebody asks for it."""
    uses = found(code).uses
    assert [use.role for use in uses] == roles
    assert all(use.reader == "X.__value__" for use in uses if code.startswith("type X"))


def test_annotations_that_python_does_not_evaluate() -> None:
    """With annotations postponed nothing reads them; without, Python does."""
    code = "def f(a: json.A): ..."
    assert [use.role for use in found(code, postponed=True).uses] == ["unread"]
    assert [use.role for use in found(code).uses] == ["annotation"]


def test_what_is_read_from_it() -> None:
    """The attributes are told in turn."""
    (use,) = found("def f():\n    json.decoder.JSONDecoder()").uses
    assert (use.name, use.attributes) == ("json", ("decoder", "JSONDecoder"))


def test_what_binds_it_again() -> None:
    """Another binding in the module is told with its line, also one by `global` in a function."""
    assert found("json = 2").bound == {"json": 2}
    assert found("def f():\n    global json\n    json = 1").bound == {"json": 3}


def test_functions_that_run_late() -> None:
    """What runs when the interpreter ends, or between any two instructions, is known by its name."""
    code = (
        "import atexit, signal\natexit.register(last)\nsignal.signal(2, handler)\ndef last(): ...\ndef handler(*_): ..."
    )
    assert found(code).late == {"last": "shutdown", "handler": "interrupt"}
