"""The registry among the files that git ignores, where builds make it. Text in, text out; see gitignore(5)."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath


def is_versioned(root: Path) -> bool:
    """Tell whether git looks after a project, or is meant to."""
    return (root / ".gitignore").is_file() or any(
        (place / ".git").exists() for place in (root, *root.absolute().parents)
    )


def with_ignored(text: str | None, path: PurePosixPath) -> str:
    """Return the text of a .gitignore that ignores a file, given from its directory; the same, if it does already."""
    lines = (text or "").splitlines()
    ignored = {line.strip().removeprefix("**/").removeprefix("/") for line in lines}
    if ignored & {path.as_posix(), path.name}:
        return text or ""
    newline = "\r\n" if text and 0 < text.count("\n") == text.count("\r\n") else "\n"
    start = newline if text and not text.endswith("\n") else ""
    return f"{text or ''}{start}/{_literal(path.as_posix())}{newline}"


def _literal(path: str) -> str:
    return re.sub(r"([*?\[\]\\ ])", r"\\\1", path)
