"""The edits at the top of a module."""

import ast

import pytest

from deferred_imports.tooling.adopt.edit import apply
from deferred_imports.tooling.adopt.layout import Style
from deferred_imports.tooling.adopt.plan import make_plan
from deferred_imports.tooling.adopt.text import Text
from deferred_imports.tooling.adopt.top import comments_above

USE = "\n\ndef f():\n    return json, csv\n"


def moved(code: str, *names: str, extra: tuple[str, ...] = ()) -> str:
    """Return some code after names have moved."""
    return apply(make_plan(code.encode(), "app.cli", is_package=False), set(names), Style(), extra).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import csv\nimport json\n", "import csv\n"),
        ("import json, csv\n", "import csv\n"),
        ('"""Doc."""\n\nimport json\n\nimport csv\n', '"""Doc."""\n\nimport csv\n'),
    ],
)
def test_what_leaves_leaves_no_gap(before: str, after: str) -> None:
    """Its line and an empty section go; what stays is as it was."""
    assert moved(before + USE, "json").startswith(after + "\n\ndef f():")


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


def test_comments_above_a_name_in_a_list() -> None:
    """Comments on lines of their own belong to the name below them."""
    text = Text(b"from a import (\n    # one\n    b,\n    # two\n    # three\n    c,\n)\n")
    node = ast.parse(text.text).body[0]
    assert isinstance(node, ast.ImportFrom)
    assert list(comments_above(text, node, node.names[1], [node.names[1]])) == [4, 5]
