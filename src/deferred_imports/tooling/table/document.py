"""Looks into a `pyproject.toml` that has not been validated: what is not there, or of another type, is empty."""

from __future__ import annotations

from collections.abc import Mapping


def table_at(document: object, *keys: str) -> Mapping[str, object]:
    """Return the table that these keys lead to, one after the other."""
    for key in keys:
        document = document.get(key) if isinstance(document, Mapping) else None
    return document if isinstance(document, Mapping) else {}


def text_at(document: object, *keys: str) -> str:
    """Return the string that these keys lead to."""
    value = table_at(document, *keys[:-1]).get(keys[-1])
    return value if isinstance(value, str) else ""


def texts_at(document: object, *keys: str) -> dict[str, str]:
    """Return what is a string in the table that these keys lead to."""
    return {key: value for key, value in table_at(document, *keys).items() if isinstance(value, str)}
