"""The code that is the same in all registries."""

import ast
from pathlib import Path

from deferred_imports.tooling.registry import template
from deferred_imports.tooling.registry.code import MARKER, code
from deferred_imports.tooling.registry.render import registry_text
from goldens import manifest_of

TABLE = '[project]\nname = "weather"\n[tool.deferred-imports.imports]\nd = "decimal"\n'


def test_it_is_the_end_of_the_template() -> None:
    """It is Python by itself, and stands in the template as it is: with exports in one piece, without them in two."""
    whole = Path(template.__file__).read_text(encoding="utf-8")
    before, after = code(exports=False).split("# Has deferred-imports obey")
    for exports in (True, False):
        assert ast.parse(code(exports=exports)).body
        assert code(exports=exports).startswith(before)
        assert code(exports=exports).endswith(after)
    assert before in whole
    assert whole.endswith(after)
    assert "def _attach" not in code(exports=False)


def test_every_registry_ends_with_it() -> None:
    """What a table says stands above it; the first line is the marker."""
    for table, exports in ((TABLE, False), (f'{TABLE}[tool.deferred-imports.exports]\njson = "json"\n', True)):
        text = registry_text(manifest_of(table))
        assert text.startswith(MARKER)
        assert text.endswith(code(exports=exports))
