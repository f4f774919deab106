"""Trees of files that tests write."""

from collections.abc import Mapping
from pathlib import Path

#: A module of `weather` that imports another, by their numbers.
CHAINED = '''"""Module {number}."""

import csv
import json
from html import escape

from weather.part{other} import work as other


class Table:
    def rows(self, value: csv.Dialect):
        return [json.dumps(one) for one in value]


def work(value):
    return escape(other(value)), csv.reader, Table
'''


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files, path to content, below a directory, and return that."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root
