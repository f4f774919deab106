"""What a block binds: the compiler's own tables (`symtable`) say the same of the standard library."""

import ast
import importlib.util
import symtable
from collections.abc import Iterator
from pathlib import Path

import pytest

from deferred_imports.tooling.source.bindings import bindings, locals_of

MODULES = "argparse ast configparser dataclasses enum inspect json.decoder pickle random shutil socket typing".split()


def source(module: str) -> str:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8")


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from tables(child)


@pytest.mark.parametrize("module", MODULES)
def test_locals_are_those_of_the_compiler(module: str) -> None:
    """What a function binds is what the compiler calls its locals."""
    text = source(module)
    compiled: dict[tuple[str, int], list[set[str]]] = {}
    for table in tables(symtable.symtable(text, module, "exec")):
        if isinstance(table, symtable.Function):
            compiled.setdefault((table.get_name(), table.get_lineno()), []).append(set(table.get_locals()))
    checked = 0
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found = compiled.get((node.name, node.lineno)) or compiled.get((node.name, first)) or []
            if len(found) == 1:
                inlined = {name for name in found[0] - locals_of(node) if _in_comprehension(node, name)}
                assert locals_of(node) == {name for name in found[0] if not name.startswith(".")} - inlined, node.name
                checked += 1
    assert checked > 3


def _in_comprehension(node: ast.AST, name: str) -> bool:
    """Tell whether a comprehension in a function binds a name, which newer compilers count among its locals."""
    loops = (part.target for part in ast.walk(node) if isinstance(part, ast.comprehension))
    return any(isinstance(part, ast.Name) and part.id == name for loop in loops for part in ast.walk(loop))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a.b, c as d", {("a", "import"), ("d", "import")}),
        ("from a import b, c as d", {("b", "import"), ("d", "import")}),
        ("def f(x): y = 1", {("f", "definition")}),
        ("class A:\n    b = 1", {("A", "definition")}),
        ("try: pass\nexcept ValueError as e: pass", {("e", "handler")}),
        (
            "match a:\n    case [b, *c]: pass\n    case {'k': d, **e}: pass\n    case f: pass",
            {("b", "pattern"), ("c", "pattern"), ("d", "pattern"), ("e", "pattern"), ("f", "pattern")},
        ),
        ("for a, (b, c) in d: pass", {("a", "assignment"), ("b", "assignment"), ("c", "assignment")}),
        ("with a as b: c: int = 1", {("b", "assignment"), ("c", "assignment")}),
        ("a += 1; del b", {("a", "assignment"), ("b", "assignment")}),
        ("[x := y for z in w]", {("x", "assignment")}),
        ("lambda a: (b := a)", set()),
        ("@(a := b)\ndef f(): c = 1", {("a", "assignment"), ("f", "definition")}),
        ("global a", {("a", "global")}),
    ],
)
def test_each_kind(text: str, expected: set[tuple[str, str]]) -> None:
    """Each kind of statement binds what the language reference says it binds, and inner scopes bind elsewhere."""
    assert {(binding.name, binding.by) for binding in bindings(ast.parse(text).body)} == expected
