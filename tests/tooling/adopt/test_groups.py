"""What binds each name at the top of a module."""

from deferred_imports.tooling.adopt.groups import find_groups
from deferred_imports.tooling.adopt.moves import Wanted
from deferred_imports.tooling.adopt.parsed import parsed_module


def groups(code: str) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return the targets of what binds each name, and what stays with its reason."""
    wanted = Wanted(registries=frozenset({"app._deferred"}))
    found = find_groups(parsed_module(code.encode(), "app.cli", is_package=False, wanted=wanted))
    imports = {name: [one.target for one in its] for name, its in found.imports.items()}
    imports |= {", ".join(one.names): [member.target for member in one.members] for one in found.choices}
    return imports, [(one.name, one.reason) for one in found.kept]


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


def test_a_choice_between_imports_is_a_group() -> None:
    """All its names are one; unless one of them is bound elsewhere, too."""
    choice = "try:\n    import a, b\nexcept ImportError:\n    a = b = None\n"
    assert groups(choice) == ({"a, b": ["a", "b"]}, [])
    assert groups(f"import b\n{choice}") == ({"b": ["b"]}, [("a", "block"), ("b", "block")])
    assert groups(f"sys.path.append('c')\n{choice}") == ({}, [("a", "block"), ("b", "block")])
