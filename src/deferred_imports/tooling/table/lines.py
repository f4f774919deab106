"""On which line of a pyproject.toml a name is declared, which no parser tells. Text in, number out."""

from __future__ import annotations

import re

from deferred_imports.tooling.table.problems import TABLE


def line_of(text: str, name: str) -> int:
    """Return the line of a pyproject.toml that declares a name, or where our table begins; parsers tell no lines."""
    header, start = "", 1
    table = ".".join(TABLE)
    key = rf"[\"']?{re.escape(name)}[\"']?\s*[.=]"
    spellings = {table: rf"imports\s*\.\s*{key}", f"{table}.imports": key}
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            header = re.sub(r"[\"'\s]", "", found[1])
            if start == 1 and f"{header}.".startswith(f"{table}."):
                start = number
            if header == f"{table}.imports.{name}":
                return number
        elif header in spellings and re.match(r"\s*" + spellings[header], line):
            return number
    return start
