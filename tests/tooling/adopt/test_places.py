"""Where an import goes: the innermost functions that use what it binds."""

import ast

from deferred_imports.tooling.adopt.places import enclosing, functions_for, is_inside
from deferred_imports.tooling.adopt.plan import make_plan
from deferred_imports.tooling.adopt.scopes import find_uses
from deferred_imports.tooling.adopt.uses import PlacedUse


def placed(code: str) -> dict[str, list[str]]:
    """Return into which functions each name of a module moves."""
    plan = make_plan(code.encode(), "app.cli", is_package=False)
    return {name: [function.name for function in move.functions] for name, move in plan.moves.items()}


def uses(code: str) -> list[PlacedUse]:
    """Return the uses of `json` in some code."""
    tree = ast.parse(code)
    return find_uses(tree, ["json"], tree.body[:1], postponed=False, readers=lambda _: "").uses


def test_each_function_that_uses_it_gets_it() -> None:
    """Two functions side by side get an import each, a third none."""
    code = "import json\n\n\ndef a():\n    json\n\n\ndef b():\n    pass\n\n\ndef c():\n    json\n"
    assert placed(code) == {"json": ["a", "c"]}


def test_a_function_inside_another_has_it_from_there() -> None:
    """Where a function and one inside it both use a name, the outer one gets the import."""
    code = "import json\n\n\ndef outer():\n    json\n\n    def inner():\n        json\n"
    assert placed(code) == {"json": ["outer"]}


def test_a_function_gets_the_submodules_that_it_uses() -> None:
    """Of two submodules each function gets the one that it reads; both where it passes the package on."""
    code = "import os.path\nimport os.errno\n\n\ndef a():\n    os.path.join\n\n\ndef b():\n    os\n"
    plan = make_plan(code.encode(), "app.cli", is_package=False)
    needed = {f.name: [one.alias.name for one in members] for f, members in plan.moves["os"].functions.items()}
    assert needed == {"a": ["os.path"], "b": ["os.path", "os.errno"]}


def test_outside_of_functions_there_is_no_place() -> None:
    """A lambda at the top of a module stands in no function, so that nothing can be given to it."""
    assert functions_for(uses("import json\nf = lambda: json\n"), []) is None


def test_scopes_around() -> None:
    """The innermost one comes first, the module last; what stands in a function is inside of it."""
    code = "import json\n\n\nclass C:\n    def f(self):\n        return [json for _ in ()]\n"
    (use,) = uses(code)
    around = enclosing(use.scope)
    assert [type(scope.node).__name__ for scope in around] == ["FunctionDef", "ClassDef", "Module"]
    function = around[0].node
    assert isinstance(function, ast.FunctionDef)
    assert is_inside(use.scope, {function: None})
    assert not is_inside(around[1], {function: None})
