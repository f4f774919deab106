"""The code that is the same in all registries."""

import ast
from pathlib import Path

from deferred_imports.tooling.registry import template
from deferred_imports.tooling.registry.code import MARKER, code
from deferred_imports.tooling.registry.render import registry_text
from goldens import manifest_of

TABLE = '[project]\nname = "weather"\n[tool.deferred-imports.imports]\nd = "decimal"\n'


def test_it_is_the_end_of_the_template() -> None:
    """It is Python by itself, and stands in the template as it is."""
    assert ast.parse(code()).body
    assert Path(template.__file__).read_text(encoding="utf-8").endswith(code())


def test_every_registry_ends_with_it() -> None:
    """What a table says stands above it; the first line is the marker."""
    text = registry_text(manifest_of(TABLE))
    assert text.startswith(MARKER)
    assert text.endswith(code())
