"""What [tool.deferred-imports.scan] says: which imports are to be kept where they are, whatever `scan` finds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deferred_imports.tooling.table.problems import TABLE, Problems, describe, did_you_mean, quote

_MODULE = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_MEANT = re.compile(rf"{_MODULE}|{_MODULE}:(?:{_MODULE})?")


def read_keep(value: object, problems: Problems) -> tuple[str, ...]:
    """Read the table, and return what is to be kept.

    That is the name of a module that is imported, of one that imports with a colon after it, or both: `app.cli:json`.
    """
    place = (*TABLE, "scan")
    if not isinstance(value, Mapping):
        problems.add(place, f"expected a table, got {describe(value)}")
        return ()
    for key in value:
        if key != "keep":
            problems.add((*place, key), f"unknown key{did_you_mean(key, ['keep'])}")
    keep = value.get("keep", [])
    if not isinstance(keep, list):
        problems.add((*place, "keep"), f"expected an array of strings, got {describe(keep)}")
        return ()
    for text in keep:
        if not isinstance(text, str):
            problems.add((*place, "keep"), f"expected strings, got {describe(text)}")
        elif not _MEANT.fullmatch(text):
            expected = 'expected what is imported, who imports, or both, as in "json", "app.cli:", "app.cli:json"'
            problems.add((*place, "keep"), f"{expected}, got {quote(text)}")
    return tuple(text for text in keep if isinstance(text, str) and _MEANT.fullmatch(text))
