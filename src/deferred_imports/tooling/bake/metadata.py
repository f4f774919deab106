"""What a wheel's METADATA adds to a `pyproject.toml` whose [project] does not say it all. Values in, values out.

So `setup.py`, `setup.cfg`, `[tool.poetry]` and everything dynamic count as if they stood in [project] (PEP 621).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from packaging.metadata import RawMetadata, parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

KEYS = ("dependencies", "optional-dependencies")
_EXTRA = re.compile(r'extra == "([^"]+)"')


def with_metadata(document: Mapping[str, object], metadata: bytes) -> dict[str, object]:
    """Return a pyproject.toml with the name and the requirements of a METADATA, where it leaves them to the backend."""
    written = document.get("project", {})
    if not isinstance(written, Mapping):
        return dict(document)
    raw, _ = parse_email(metadata)
    filled: dict[str, object] = {}
    if "name" not in written:
        filled["name"] = raw.get("name", "")
    dynamic = written.get("dynamic")
    dynamic = dynamic if isinstance(dynamic, list) else []
    left = [key for key in KEYS if key not in written and ("project" not in document or key in dynamic)]
    filled |= {key: value for key, value in zip(KEYS, _requirements(raw), strict=True) if key in left}
    return {**document, "project": {**written, **filled}}


def _requirements(raw: RawMetadata) -> tuple[list[str], dict[str, list[str]]]:
    """Return what is always installed, and what each extra installs."""
    always: list[str] = []
    extras: dict[str, list[str]] = {extra: [] for extra in raw.get("provides_extra", [])}
    named = {canonicalize_name(extra): extra for extra in extras}
    for text in raw.get("requires_dist", []):
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            always.append(text)  # for who reads [project] to complain of
            continue
        marker = str(requirement.marker or "")
        found = _EXTRA.findall(marker)
        if found and _EXTRA.fullmatch(marker):
            requirement.marker = None
        for extra in found:
            extras.setdefault(named.get(canonicalize_name(extra), extra), []).append(str(requirement))
        if not found:
            always.append(str(requirement))
    return always, extras
