"""The edits at the top of a module."""

from deferred_imports.tooling.adopt.edit import apply
from deferred_imports.tooling.adopt.layout import Style
from deferred_imports.tooling.adopt.plan import make_plan

USE = "\n\ndef f():\n    return json, csv\n"


def moved(code: str, *names: str, extra: tuple[str, ...] = ()) -> str:
    """Return some code after names have moved."""
    return apply(make_plan(code.encode(), "app.cli", is_package=False), set(names), Style(), extra).decode()


def test_type_checkers_get_what_annotations_need() -> None:
    """Under TYPE_CHECKING, whose import is added where the module has none, behind the imports that stay."""
    code = "from __future__ import annotations\n\nimport csv\nimport json\n\nX = csv\n\n\ndef f(a: json.A): ...\n"
    assert moved(code, "json").startswith(
        "from __future__ import annotations\n\nimport csv\nfrom typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    import json\n\nX = csv\n"
    )


def test_a_block_for_checkers_is_used() -> None:
    """Where the module has one, the import goes there, in its order."""
    code = (
        "from __future__ import annotations\n\nimport json\nfrom typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    import abc\n    import zlib\n\n\ndef f(a: json.A, b: abc.B, c: zlib.C): ...\n"
    )
    assert "if TYPE_CHECKING:\n    import abc\n    import json\n    import zlib\n" in moved(code, "json")


def test_what_a_module_has_to_import_itself() -> None:
    """A submodule that only others had imported is added among the imports."""
    code = "import os\nimport xml.dom\n\nX = os, xml.dom\n"
    assert moved(code, extra=("xml.sax",)).startswith("import os\nimport xml.dom\nimport xml.sax\n")
