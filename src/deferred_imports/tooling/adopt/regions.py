"""Lines of a module in which imports stay: excluded from formatting, or between what changes something for a while."""

from __future__ import annotations

import ast
import re

from deferred_imports.tooling.adopt.moves import Definition, ImportStatement
from deferred_imports.tooling.adopt.text import Text

_SKIP_FILE = re.compile(r"\bisort\s*:\s*skip_file\b")
_OFF = re.compile(r"#\s*(?:fmt|isort|yapf):\s*(off|disable|on|enable)\b")
# What changes where imports are looked for, for those that follow.
_FINDING = re.compile(
    r"\bsys\.(?:path|meta_path|path_hooks)\b(?!_)|\bsys\.modules\s*(?:\[[^\]]*\]\s*=(?!=)|\.(?:setdefault|update|pop)\b)"
)
# What may only be so for a while, each with what ends it.
_MAYBE = re.compile(r"\bos\.(?:environ|chdir)\b|\bsys\.argv\b|\bwarnings\.")
_FOR_A_WHILE = tuple(
    (re.compile(change), re.compile(end))
    for change, end in (
        (
            r"\bos\.environ\s*(?:\[[^\]]*\]\s*=(?!=)|\.(?:setdefault|update)\b)",
            r"\bdel\s+os\.environ\b|\bos\.environ\.(?:pop|clear)\b",
        ),
        (r"\bos\.chdir\b", r"\bos\.chdir\b"),
        (r"\bsys\.argv\s*=(?!=)", r"\bsys\.argv\s*=(?!=)"),
        (r"\bwarnings\.(?:simplefilter|filterwarnings)\b", r"\bwarnings\.resetwarnings\b"),
    )
)


def lines_off(text: Text) -> set[int]:
    """Return the lines that comments exclude from formatting."""
    if _SKIP_FILE.search(text.text):
        return set(range(1, text.lines + 1))
    if not _OFF.search(text.text):
        return set()
    lines: set[int] = set()
    is_off = False
    for number in range(1, text.lines + 1):
        if found := _OFF.search(text.line(number)):
            is_off = found[1] in {"off", "disable"}
        if is_off:
            lines.add(number)
    return lines


def changes_finding(node: ast.stmt, text: Text) -> bool:
    """Tell whether a statement changes where the imports that follow are looked for."""
    return bool(_FINDING.search(_segment(node, text)))


def temporary_lines(tree: ast.Module, text: Text) -> set[int]:
    """Return the lines between what changes something for a while, and what takes it back."""
    others = [node for node in tree.body if not isinstance(node, Definition | ast.ClassDef | ImportStatement)]
    found: set[int] = set()
    for change, end in _FOR_A_WHILE if _MAYBE.search(text.text) else ():
        first = next((node.lineno for node in others if change.search(_segment(node, text))), 0)
        last = max((node.lineno for node in others if end.search(_segment(node, text))), default=0)
        found.update(range(first, last) if first else ())
    return found


def _segment(node: ast.stmt, text: Text) -> str:
    return text.text[text.starts[node.lineno - 1] : text.end(node.end_lineno or 0)]
