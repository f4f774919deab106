"""The table and the registry that a copy of the project gets, for the forms that go through them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.package import AdoptedPackage
from deferred_imports.tooling.adopt.registering import Registered, Registering, register
from deferred_imports.tooling.adopt.target import AdoptedProject, TargetError
from deferred_imports.tooling.project.generation import prepare
from deferred_imports.tooling.table.document import table_at, text_at
from deferred_imports.tooling.table.problems import TABLE, ManifestError


def with_registry(target: AdoptedProject, package: AdoptedPackage, form: Registered, root: Path) -> AdoptedPackage:
    """Return the package with names that go through a registry, and write that into a copy.

    Args:
        target: The project.
        package: Its package.
        form: The form that the names take.
        root: The directory of the copy.

    Raises:
        TargetError: when the project cannot have a registry, or this Python cannot try the form.
    """
    if form == "native" and sys.version_info < (3, 15):
        found = ".".join(map(str, sys.version_info[:2]))
        raise TargetError(f"--form native takes Python 3.15, which --python names; this is {found}")
    if not target.document:
        raise TargetError(f"--form {form} takes a pyproject.toml, which holds the table")
    table = table_at(target.document, *TABLE)
    packages = sorted(name for name, path in target.files.items() if "." not in name and path.stem == "__init__")
    if not text_at(table, "package") and len(packages) != 1:
        raise TargetError(f"--form {form} takes one package that has the registry; name it in [tool.deferred-imports]")
    registering = register(
        form,
        package.plans,
        text_at(table, "package") or packages[0],
        text_at(table, "registry") or "_deferred",
        table_at(table, "imports"),
        line_length=package.style.line_length,
    )
    while True:
        try:
            write_registry_into(root, target, registering)
        except ManifestError as error:
            wrong = {key for key in registering.targets if any(_is_of(one.address, key) for one in error.problems)}
            if not wrong:
                raise TargetError(f"--form {form} takes a table that is valid: {error}") from error
            registering = registering.without(wrong)
        else:
            return replace(package, registering=registering)


def write_registry_into(root: Path, target: AdoptedProject, registering: Registering) -> None:
    """Write the table, and the registry that it makes, into a copy of a project, unless they are there already.

    Raises:
        ManifestError: when an entry is not valid.
    """
    path, content = root / "pyproject.toml", _with_entries(target, registering.targets).encode("utf-8")
    if not registering.targets:
        content = (target.root / "pyproject.toml").read_bytes()
    if path.read_bytes() != content:
        path.write_bytes(content)
        if registering.targets:
            prepare(root).write()


def used(registering: Registering, names: frozenset[Name]) -> Registering:
    """Return the entries that some names need, which come with those of the same statement."""
    keys = {key for name, key in registering.entries.items() if name in names}
    return registering.without(set(registering.targets) - keys)


def _with_entries(target: AdoptedProject, targets: Mapping[str, str]) -> str:
    text = (target.root / "pyproject.toml").read_bytes().decode("utf-8")
    try:
        document = tomlkit.parse(text)
        tool = document.setdefault("tool", tomlkit.table(is_super_table=True))
        if TABLE[1] not in tool:
            tool[TABLE[1]] = tomlkit.table()
            tool[TABLE[1]]["discover"] = True
        imports = tool[TABLE[1]].setdefault("imports", tomlkit.table())
        for key, value in sorted(targets.items()):
            imports[key] = value
        return tomlkit.dumps(document)
    except TOMLKitError as error:
        raise TargetError(f"pyproject.toml cannot be added to: {error}") from error


def _is_of(address: str, key: str) -> bool:
    return f"{address}.".startswith(f"imports.{key}.")
