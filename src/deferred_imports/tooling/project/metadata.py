"""What a `pyproject.toml` leaves to its backend: name and requirements, as if they stood in [project] (PEP 621).

The METADATA of a wheel, or of the installed project, has what the backend and its hooks have filled in. Where the
project is not installed, `elsewhere` reads what can be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from packaging.metadata import RawMetadata, parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from deferred_imports.tooling.project.elsewhere import KEYS, described_elsewhere
from deferred_imports.tooling.registry.distributions import installed_project
from deferred_imports.tooling.table.document import table_at, text_at

_EXTRA = re.compile(r'extra == "([^"]+)"')


def with_metadata(document: Mapping[str, object], metadata: bytes) -> dict[str, object]:
    """Return a pyproject.toml with the name and the requirements of a METADATA, where it leaves them to the backend."""
    raw, _ = parse_email(metadata)
    found = dict(zip(KEYS[1:], _requirements(raw), strict=True))
    return _filled(document, {"name": raw.get("name", ""), **found})


def as_far_as_known(root: Path, document: Mapping[str, object]) -> tuple[dict[str, object], bool]:
    """Return a pyproject.toml with what it leaves to its backend, and whether that is all there in it.

    What is installed, or stands elsewhere in the tree, may be older or less than what the backend would say now.

    Args:
        root: Where the project lies.
        document: Its pyproject.toml.
    """
    left = _left(document)
    if not left:
        return dict(document), True
    described = described_elsewhere(root, document)
    name = text_at(document, "project", "name") or described.get("name")
    installed = installed_project(name) if isinstance(name, str) else None
    metadata = installed.metadata if installed else None
    if metadata is not None:
        return with_metadata(document, metadata.encode("utf-8", "surrogateescape")), False
    return _filled(document, described), False


def _left(document: Mapping[str, object]) -> list[str]:
    """Return which of `KEYS` a pyproject.toml leaves to its backend."""
    written = document.get("project", {})
    if not isinstance(written, Mapping):
        return []
    dynamic = written.get("dynamic")
    dynamic = dynamic if isinstance(dynamic, list) else []
    left = [key for key in KEYS[1:] if key not in written and ("project" not in document or key in dynamic)]
    return [*(["name"] if "name" not in written else []), *left]


def _filled(document: Mapping[str, object], found: Mapping[str, object]) -> dict[str, object]:
    left = [key for key in _left(document) if key in found]
    if not left:
        return dict(document)
    return {**document, "project": {**table_at(document, "project"), **{key: found[key] for key in left}}}


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
