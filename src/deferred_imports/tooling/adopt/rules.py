"""Rules of a project's own linters that a move breaks: they are said before anything is tried."""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path

from deferred_imports.tooling.adopt.style import ruff_table
from deferred_imports.tooling.project.paths import content_of
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.table.document import table_at

_SECTION = "importlinter"


def forbidding(root: Path) -> str:
    """Return the rule of the project's own linter that forbids imports in functions, or nothing."""
    document = read_toml(root / "pyproject.toml") if (root / "pyproject.toml").is_file() else {}
    ruff = ruff_table(root, document)
    chosen = {str(code) for key in ("select", "extend-select") for code in _listed(ruff, key)}
    spared = {str(code) for key in ("ignore", "extend-ignore") for code in _listed(ruff, key)}
    named = {"PLC0415"[:length] for length in range(2, 8)}
    # What is named more exactly wins: https://docs.astral.sh/ruff/settings/#lint_ignore
    longest = (max((len(code) for code in codes & {*named, "ALL"}), default=0) for codes in (chosen, spared))
    wanted, unwanted = (1 if length == 3 and "ALL" in chosen else length for length in longest)
    if wanted > unwanted:
        return "ruff's PLC0415 (import-outside-top-level)"
    disabled = str(table_at(document, "tool", "pylint").get("messages control", ""))
    return "" if "import-outside-toplevel" in disabled else _pylint(root)


def _listed(ruff: Mapping[str, object], key: str) -> list[object]:
    found: list[object] = []
    for table in (ruff, table_at(ruff, "lint")):
        value = table.get(key)
        found += value if isinstance(value, list) else []
    return found


def _pylint(root: Path) -> str:
    for name in (".pylintrc", "pylintrc"):
        if (root / name).is_file() and "import-outside-toplevel" not in (root / name).read_text("utf-8", "replace"):
            return "pylint's import-outside-toplevel (C0415)"
    return ""


def endangered(root: Path, registry: str) -> Iterator[str]:
    """Yield what to do for contracts of import-linter, which see through the registry, if there are any.

    Args:
        root: Where the configuration of the project lies.
        registry: The absolute name of the registry.
    """
    contracts = list(_contracts(root))
    if not contracts:
        return
    package, _, name = registry.rpartition(".")
    remedy = f'in each, ignore_imports "{package}.** -> {registry}" lets that be'
    if any(_says(one.get("exhaustive")) for one in contracts):
        remedy += f', and in what is exhaustive exhaustive_ignores "{name}"'
    yield f"import-linter's contracts see that modules import {registry}, and by that all that it serves; {remedy}"


def _contracts(root: Path) -> Iterator[Mapping[str, object]]:
    """Yield the contracts: https://import-linter.readthedocs.io/en/stable/usage.html#configuration-file-location."""
    if (root / "pyproject.toml").is_file():
        found = table_at(read_toml(root / "pyproject.toml"), "tool", _SECTION).get("contracts")
        yield from (one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()
    for name in ("setup.cfg", ".importlinter"):
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(content_of(root / name).decode("utf-8"))
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        yield from (dict(parser.items(one)) for one in parser.sections() if one.startswith(f"{_SECTION}:contract:"))


def _says(value: object) -> bool:
    return str(value).lower() in {"1", "true", "yes", "on"}
