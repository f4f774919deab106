"""Blocks at the top that choose between imports; the golden case `choices` shows whole modules."""

import pytest

from deferred_imports.tooling.adopt.choices import choice_lines, find_choice
from deferred_imports.tooling.adopt.layout import Style
from deferred_imports.tooling.adopt.moves import Choice, Wanted
from deferred_imports.tooling.adopt.parsed import ParsedModule, parsed_module


def parsed(code: str) -> ParsedModule:
    """Return a module whose last statement is a block."""
    return parsed_module(f"import sys\n{code}\n".encode(), "app.cli", is_package=False, wanted=Wanted())


def choice(code: str) -> Choice | None:
    """Return the choice that the last statement is."""
    module = parsed(code)
    return find_choice(module.tree.body[-1], module)


NESTED = "try:\n    import a\nexcept ImportError:\n    try:\n        import b as a\n    except Exception:\n"
VERSION = "if sys.version_info >= (3, 11):\n    "


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (f"{VERSION}import a\nelse:\n    import b as a", ("a",)),
        (f"{VERSION}import a\nelif sys.platform == 'x':\n    from b import a, c\nelse:\n    a = c = None", ("a", "c")),
        ("try:\n    import a.b\nexcept ImportError:\n    pass", ("a",)),
        ("try:\n    import a\n    has_a = True\nexcept (ImportError, OSError):\n    has_a = False", ("a", "has_a")),
        (f"{NESTED}        a = 1", ("a",)),
    ],
)
def test_what_only_chooses_is_a_choice(code: str, names: tuple[str, ...]) -> None:
    """By the version, the platform or what is missing: imports, constants, `pass`."""
    found = choice(code)
    assert found is not None
    assert found.names == names
    assert found.fails_over == code.startswith("try")


@pytest.mark.parametrize(
    "code",
    [
        f"{VERSION}a = 1",  # imports nothing
        f"{VERSION}import a\n    a.run()",
        f"{VERSION}import a  \\\n",
        f"{VERSION}from a import (\n        b,  # why\n    )",
        f"{VERSION}import a; import b",
        f"{VERSION}from a import *",
        "if sys.argv:\n    import a",
        "if sys.version_info >= (3, 11): import a",
        "try:\n    import a\nfinally:\n    a = 1",
        "try:\n    import a\nexcept ImportError as error:\n    a = 1",
        "try:\n    import a\nexcept ValueError:\n    a = 1",
        "try:\n    import a\nexcept ImportError:\n    a = object()",
        "try:\n    import a\nexcept ImportError:\n    a = (\n        1\n    )",
        "while True:\n    import a",
        "if TYPE_CHECKING:\n    import a",
    ],
)
def test_what_does_anything_else_is_none(code: str) -> None:
    """It stays where it is."""
    assert choice(code) is None


def test_only_what_is_needed_is_chosen() -> None:
    """Statements that bind nothing that is needed are left out, and a block keeps a statement."""
    module = parsed(f"{VERSION}import a  # noqa: F401\n    import c\nelse:\n    import b as a\n\n    c = 1")
    found = find_choice(module.tree.body[-1], module)
    assert found is not None
    head = f"    {VERSION}    ".splitlines()[0]
    needed = choice_lines((found, frozenset({"a"})), module.text, Style(), "    ")
    assert needed == [head, "        import a", "    else:", "        import b as a"]
    empty = choice_lines((found, frozenset()), module.text, Style(), "    ")
    assert empty == [head, "        pass", "    else:", "        pass"]
