"""The walk through a syntax tree sees all that `ast` does, but for operators and contexts."""

import ast
from pathlib import Path

import pytest

from deferred_imports.tooling.source.walking import children, walk

SILENT = (ast.boolop, ast.cmpop, ast.expr_context, ast.operator, ast.unaryop)
# All forms of the language, as far as this Python comes with its own tests.
FORMS = ("grammar", "patma", "typing", "type_params", "unparse", "fstring", "tstring", "except_star", "coroutines")
SOURCES = [path for name in FORMS if (path := Path(ast.__file__).parent / f"test/test_{name}.py").exists()]


@pytest.mark.parametrize("path", [Path(__file__), *SOURCES], ids=lambda path: path.stem)
def test_no_part_is_missed(path: Path) -> None:
    """Of every node of a source the parts are those of `ast.iter_child_nodes` that can say something, in that order."""
    tree = ast.parse(path.read_bytes())
    count = 0
    for node in ast.walk(tree):
        told = [one for one in ast.iter_child_nodes(node) if not isinstance(one, SILENT)]
        assert children(node) == told
        count += not isinstance(node, SILENT)
    assert sum(1 for _ in walk(tree)) == count


def test_places_without_a_node_are_left_out() -> None:
    """What a dictionary unpacks has no key, and a parameter that has to be named may have no default."""
    for text in ("{**a, 'b': 1}", "lambda *, a, b=1: a", "def f(*, a, b=1): global c, d", "match a:\n case {**b}: ..."):
        nodes = list(walk(ast.parse(text)))
        assert all(isinstance(node, ast.AST) for node in nodes)
        assert {type(node) for node in nodes} == {type(one) for one in ast.walk(ast.parse(text))} - {
            type(one) for one in ast.walk(ast.parse(text)) if isinstance(one, SILENT)
        }
