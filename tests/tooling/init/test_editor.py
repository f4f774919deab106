"""Additions to the text of a pyproject.toml."""

import pytest

from deferred_imports.tooling.init.editor import TomlEditor, UnchangeableError

TEXT = """\
# mine
[build-system]
requires = [
    "hatchling>=1",  # why
]
build-backend = "hatchling.build"

[tool.hatch]
x = 1
"""


def test_comments_and_order_survive() -> None:
    """A requirement and a table are added, and nothing else changes."""
    editor = TomlEditor(TEXT)
    editor.require("build-system", "requires", "Hatchling")  # there, in any spelling
    editor.require("build-system", "requires", "other")
    editor.append(("tool", "mine"), "y = 2\n")
    lines = editor.text().splitlines()
    assert [line for line in TEXT.splitlines() if line not in lines] == []
    assert TomlEditor.parsed(editor.text())["build-system"]["requires"] == ["hatchling>=1", "other"]
    assert lines[-2:] == ["[tool.mine]", "y = 2"]


def test_line_ends_stay() -> None:
    """A file with the line ends of Windows keeps them."""
    editor = TomlEditor(TEXT.replace("\n", "\r\n"))
    editor.insert(("tool", "hatch"), "z = 3\n")
    assert "[tool.hatch]\r\nz = 3\r\nx = 1\r\n" in editor.text()
    assert "\n" not in editor.text().replace("\r\n", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[project]\n", r"has no \[build-system\]; add requires = "),
        ("[build-system]\nrequires = 1\n", "is not an array"),
    ],
)
def test_what_cannot_be_added_to(text: str, said: str) -> None:
    """The refusal says what to write by hand."""
    with pytest.raises(UnchangeableError, match=said):
        TomlEditor(text).require("build-system", "requires", "other")


def test_a_table_in_one_line() -> None:
    """A table that cannot be extended is refused with what to do."""
    editor = TomlEditor("tool = { x = 1 }\n")
    editor.append(("tool", "mine"), "y = 2\n")
    with pytest.raises(UnchangeableError, match="rewrite it as a section"):
        editor.text()
