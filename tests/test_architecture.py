"""Where things live and which way imports point: the contracts of the layout, as failing tests."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_module_says_what_lives_there() -> None:
    """The first statement of each module, tests included, is its docstring."""
    files = [*ROOT.glob("src/**/*.py"), *ROOT.glob("hatch_plugin/src/**/*.py"), *ROOT.glob("tests/**/test_*.py")]
    assert files
    silent = [str(file.relative_to(ROOT)) for file in files if not ast.get_docstring(ast.parse(file.read_bytes()))]
    assert silent == []
