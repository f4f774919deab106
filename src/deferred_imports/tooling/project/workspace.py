"""Where the environment and the lock of a project lie: beside its pyproject.toml, or in the workspace that it is in."""

from __future__ import annotations

import os
from glob import escape
from pathlib import Path

from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.table.document import table_at
from deferred_imports.tooling.table.problems import ManifestError


def workspace_of(root: Path) -> Path:
    """Return the root of the uv workspace that a project is a member of, or else its own.

    See https://docs.astral.sh/uv/concepts/projects/workspaces/: the members share one lock and one environment.
    """
    for place in Path(os.path.abspath(root)).parents:
        if (place / "pyproject.toml").is_file() and (place / "uv.lock").is_file():
            return place if _is_member(Path(os.path.abspath(root)), place) else root
    return root


def _is_member(root: Path, place: Path) -> bool:
    try:
        table = table_at(read_toml(place / "pyproject.toml"), "tool", "uv", "workspace")
    except ManifestError:
        return False
    inside, outside = (
        [root.match(str(Path(escape(str(place)), one))) for one in _texts(table.get(key))]
        for key in ("members", "exclude")
    )
    return any(inside) and not any(outside)


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
