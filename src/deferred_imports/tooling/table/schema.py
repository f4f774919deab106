"""The JSON schema of the table, for validate-pyproject and, through it, for editors. Imports nothing of ours.

It says what can be said about the table alone; what takes the rest of the project, the parser says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def load(tool_name: str = "deferred-imports") -> dict[str, Any]:  # noqa: ARG001, the interface passes it
    """Return the schema, as the entry point `validate_pyproject.tool_schema` wants it.

    Args:
        tool_name: The name below [tool] under which it was looked up.
    """
    schema: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
    return schema
