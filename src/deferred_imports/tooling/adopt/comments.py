"""Comments at imports: which stand there, and what of them has a sense elsewhere, too."""

from __future__ import annotations

import ast
import re

from deferred_imports.tooling.adopt.blocks import first_line
from deferred_imports.tooling.adopt.text import Text

_NOQA = re.compile(r"#\s*noqa(?::\s*(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?(?P<rest>[^#]*)", re.IGNORECASE)
# What loses its sense in a function: unused there, not at the top, unsorted.
_SENSELESS = frozenset({"E402", "F401", "I001", "PLC0414"})


def comment_of(text: Text, node: ast.stmt) -> str:
    """Return what a comment behind a statement says that has a sense elsewhere, too."""
    last = node.end_lineno or node.lineno
    rest = text.text[text.offset(last, node.end_col_offset or 0) : text.end(last)].strip()
    return kept_comment(rest) if rest.startswith("#") else ""


def kept_comment(comment: str) -> str:
    """Return a comment, its sign left out, without the exceptions that lose their sense where an import moves."""

    def shorter(found: re.Match[str]) -> str:
        codes = re.findall(r"[A-Z]+[0-9]+", (found["codes"] or "").upper())
        kept = [code for code in codes if code not in _SENSELESS]
        return f"# noqa: {', '.join(kept)}{found['rest']}" if kept else ""

    return _NOQA.sub(shorter, comment).strip().removeprefix("#").strip()


def line_above(text: Text, node: ast.stmt) -> int:
    """Return the first line of a statement, comments directly above it included; those of the file are not its."""
    first = line = first_line(node)
    while first > 1 and text.line(first - 1).lstrip().startswith("#"):
        first -= 1
    return line if first == 1 else first
