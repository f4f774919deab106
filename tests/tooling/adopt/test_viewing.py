"""Which names are looked for among all that a module holds."""

import ast
import re

from deferred_imports.tooling.adopt.viewing import ALL, find_views


def views(code: str) -> list[str]:
    """Return the names that each `vars()` or `dir()` of some code is for."""
    nodes = list(ast.walk(ast.parse(code)))
    found = find_views(nodes)
    calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"vars", "dir"}]
    return [found.get(call, ALL) for call in calls]


def test_which_names_are_looked_for() -> None:
    """Where a test asks `dir()` or `vars()` for some names alone, the others are free; otherwise none is."""
    seen = {
        "vars(cli)": "json csv _x",
        "[one for one in dir(cli)]": "json csv _x",
        "[one for one in dir(cli) if one.endswith('on')]": "json",
        "[one for one in dir(cli) if one.startswith(('_', 'c'))]": "csv _x",
        "[one for one in dir(cli) if one in ('json', '_x')]": "json _x",
        "[one for one in dir(cli) if one in 'json']": "json csv _x",
        "[one for one in dir(cli) if one == 'json']": "json",
        "[one for one in dir(cli) if one.endswith(suffix)]": "json csv _x",
        "[one for one in dir(cli) if other.endswith('on')]": "json csv _x",
        "[one for one in dir(cli) if one.endswith('on') or two]": "json csv _x",
        "'json' in vars(cli)": "json",
        "one not in vars(cli)": "json csv _x",
        "for one in ('json', '_x'):\n    if one in vars(cli): pass": "json _x",
        "for one in ('json', '_x'):\n    one = f(one)\n    if one in vars(cli): pass": "json csv _x",
        "for one in ('json', two):\n    if one in vars(cli): pass": "json csv _x",
        "'json' in vars(cli), 'csv' in dir(cli)": "json csv",
        "'json' in vars(cli), vars(cli)": "json csv _x",
    }
    for test, names in seen.items():
        found = views(test)
        assert [
            name for name in ("json", "csv", "_x") if any(re.fullmatch(view, name) for view in found)
        ] == names.split(), test
