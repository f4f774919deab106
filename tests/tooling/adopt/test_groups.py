"""What binds each name at the top of a module."""

from deferred_imports.tooling.adopt.groups import find_groups
from deferred_imports.tooling.adopt.moves import Wanted
from deferred_imports.tooling.adopt.parsed import parsed_module


def groups(code: str) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return the targets of what binds each name, and what stays with its reason."""
    wanted = Wanted(registries=frozenset({"app._deferred"}))
    found, kept = find_groups(parsed_module(code.encode(), "app.cli", is_package=False, wanted=wanted))
    return {name: [one.target for one in its] for name, its in found.items()}, [(one.name, one.reason) for one in kept]


def test_all_that_binds_a_name_is_one_group() -> None:
    """Submodules of one package bind the name of that; a name may be bound twice."""
    found, kept = groups("import a.b, a.c\nfrom d import e as f\nimport f\n")
    assert found == {"a": ["a.b", "a.c"], "f": ["d.e", "f"]}
    assert kept == []


def test_what_must_stand_where_it_stands() -> None:
    """`*`, what follows a change of the path, what stands in a block; the registry and `__future__` are no matter."""
    code = "from __future__ import annotations\nfrom . import _deferred\nfrom a import *\nimport b\n"
    code += "sys.path.append('c')\nimport d\nif e:\n    import f\n"
    assert groups(code) == ({"b": ["b"]}, [("a.*", "star"), ("d", "order"), ("f", "block")])
