"""What a `pyproject.toml` says of the programs that a project installs."""

from __future__ import annotations

from deferred_imports.tooling.table.document import table_at, texts_at


def console_scripts(document: object) -> dict[str, str]:
    """Return the console scripts by name, each with its object reference; what no system can start is none."""
    found = {**texts_at(document, "project", "scripts"), **texts_at(document, "tool", "poetry", "scripts")}
    return {name: reference for name, reference in found.items() if f"{name}{reference}".isprintable()}


def references(document: object) -> list[str]:
    """Return what all entry points refer to, scripts among them."""
    project = table_at(document, "project")
    groups = [texts_at(group) for group in table_at(project, "entry-points").values()]
    tables = [console_scripts(document), texts_at(project, "gui-scripts"), *groups]
    return [reference for table in tables for reference in table.values()]


def module_of(reference: str) -> str:
    """Return the module of an object reference, whose extras are left out (entry points specification)."""
    return reference.partition("[")[0].partition(":")[0].strip()


def attribute_of(reference: str) -> str:
    """Return what an object reference names in its module; "" is the module itself."""
    return reference.partition("[")[0].partition(":")[2].strip()
