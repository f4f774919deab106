"""Writes new sources into the user's tree: each whole or not at all, and only over what was read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deferred_imports.tooling.adopt.target import AdoptionError, TargetError
from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.project.writing import write_whole


def refuse_dirty(root: Path) -> None:
    """Raise unless all that the tree holds is committed: what is written can then be looked at, and undone.

    Raises:
        TargetError: when there are changes, or no version control that would tell.
    """
    try:
        told = subprocess.check_output(
            ["git", "status", "--porcelain", "--", "."],  # noqa: S607 - the user's own git
            cwd=root,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},
        )
    except OSError:
        raise TargetError("git cannot be run to look for changes; --allow-dirty writes all the same") from None
    except subprocess.CalledProcessError as error:
        if b"not a git repository" in error.stderr:
            raise TargetError(f"{shown(root)} is under no version control; --allow-dirty writes all the same") from None
        said = error.stderr.decode("utf-8", "replace").partition("\n")[0]
        raise TargetError(f"git looks for no changes here: {said}; --allow-dirty writes all the same") from None
    if lines := told.decode("utf-8", "replace").splitlines():
        what = ", ".join(line[3:] for line in lines[:3]) + (" ..." if len(lines) > 3 else "")
        raise TargetError(f"the tree has changes that are not committed ({what}); --allow-dirty writes all the same")


def write_all(sources: Mapping[Path, tuple[bytes, bytes]]) -> None:
    """Write files, given what each held when it was read, and what it shall hold.

    Raises:
        AdoptionError: when one has changed since, cannot be written to, or is a hard link; nothing is written then.
        OSError: when one cannot be written.
    """
    real = {Path(os.path.realpath(path)): contents for path, contents in sources.items()}  # a symbolic link stays one
    for path, (old, _) in real.items():
        if path.read_bytes() != old:
            raise AdoptionError(f"{shown(path)} changed in the meantime, so nothing was written; try again")
        if not os.access(path, os.W_OK):
            raise AdoptionError(f"{shown(path)} is read-only; nothing was written")
        if path.stat().st_nlink > 1:
            raise AdoptionError(f"{shown(path)} is a hard link to a file that has other names; nothing was written")
    for path, (_, new) in real.items():
        write_whole(path, new)
