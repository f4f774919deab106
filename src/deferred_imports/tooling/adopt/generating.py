"""The table and the registry that a copy of the project gets, for the forms that go through them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from deferred_imports.tooling.adopt.exporting import Exporting, find_exports, settled
from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.package import AdoptedPackage
from deferred_imports.tooling.adopt.registering import NATIVE, Registered, Registering, register
from deferred_imports.tooling.adopt.target import AdoptedProject, TargetError
from deferred_imports.tooling.project.registry_file import write_registry
from deferred_imports.tooling.project.tree import load_project
from deferred_imports.tooling.registry.render import registry_text
from deferred_imports.tooling.table.document import table_at, text_at
from deferred_imports.tooling.table.problems import TABLE, ManifestError, Problem, address


def with_hot(target: AdoptedProject, package: AdoptedPackage, root: Path) -> AdoptedPackage:
    """Return the package with names that go through a registry since they are hot, if it can have one."""
    if not target.document or not _holder(target):
        return package
    try:
        return with_registry(target, package, "names", root, hot=True)
    except TargetError:  # a table that is not valid is told where it matters
        return package


def with_registry(
    target: AdoptedProject, package: AdoptedPackage, form: Registered, root: Path, *, hot: bool = False
) -> AdoptedPackage:
    """Return the package with names that go through a registry, and write that into a copy.

    Args:
        target: The project.
        package: Its package.
        form: The form that the names take.
        hot: Whether only those do that had better be read from one place.
        root: The directory of the copy.

    Raises:
        TargetError: when the project cannot have a registry, or this Python cannot try the form.
    """
    if form == "native" and sys.version_info < NATIVE:
        found = ".".join(map(str, sys.version_info[:2]))
        raise TargetError(f"--form native takes Python 3.15, which --python names; this is {found}")
    if not target.document:
        raise TargetError(f"--form {form} takes a pyproject.toml, which holds the table")
    table = table_at(target.document, *TABLE)
    holder = _holder(target)
    if not holder:
        raise TargetError(f"--form {form} takes one package that has the registry; name it in [tool.deferred-imports]")
    registering = register(
        form,
        package.hot if hot else package.whole,
        holder,
        text_at(table, "registry") or "_deferred",
        table_at(table, "imports"),
        line_length=package.style.line_length,
        hot=hot,
    )
    while True:
        try:
            write_registry_into(root, target, registering)
        except ManifestError as error:
            places = {key: address((*TABLE, "imports", key)) for key in registering.targets}
            wrong = {key for key, place in places.items() if any(_lies_at(one, place) for one in error.problems)}
            if not wrong:
                raise TargetError(f"--form {form} takes a table that is valid: {error}") from error
            registering = registering.without(wrong)
        else:
            return replace(package, registering=registering)


def with_exports(target: AdoptedProject, package: AdoptedPackage, root: Path) -> AdoptedPackage:
    """Return the package with what a registry can serve of it, and write that into a copy.

    Where there can be no registry, and for what the table cannot say, modules serve what others take themselves.
    """
    table, holder = table_at(target.document, *TABLE), _holder(target)
    exporting: Exporting | None = None
    if target.document and holder:
        registry = text_at(table, "registry") or "_deferred"
        exporting = find_exports(package.plans, holder, registry, table_at(table, "exports"), target.files)
    while exporting is not None and exporting.targets:
        try:
            write_registry_into(root, target, package.registering, exporting)
        except ManifestError as error:
            places = {_address(exporting, name): name for name in exporting.targets}
            wrong = {name for place, name in places.items() if any(_lies_at(one, place) for one in error.problems)}
            if not wrong:
                remark = f"modules serve by themselves what others take from them, as no table can be written: {error}"
                package = replace(package, remarks=(*package.remarks, remark))
            exporting = exporting.without(wrong) if wrong else None
        else:
            return replace(package, plans=settled(package.plans, exporting), exporting=exporting)
    if target.document:
        write_registry_into(root, target, package.registering)
    return replace(package, plans=settled(package.plans, None))


def registry_of(target: AdoptedProject) -> str:
    """Return the absolute name of the registry that a project has or would get, or nothing where it can have none."""
    holder = _holder(target) if target.document else ""
    return f"{holder}.{text_at(table_at(target.document, *TABLE), 'registry') or '_deferred'}" if holder else ""


def _holder(target: AdoptedProject) -> str:
    """Return the package that has the registry, or nothing where only the table could say which."""
    packages = sorted(name for name, path in target.files.items() if "." not in name and path.stem == "__init__")
    chosen = text_at(table_at(target.document, *TABLE), "package")
    return chosen or (packages[0] if len(packages) == 1 else "")


def _registry(target: AdoptedProject) -> Path:
    """Return where the registry lies, from the root."""
    name = text_at(table_at(target.document, *TABLE), "registry") or "_deferred"
    return target.files[_holder(target)].relative_to(target.root).with_name(f"{name}.py")


def write_registry_into(
    root: Path, target: AdoptedProject, registering: Registering | None, exporting: Exporting | None = None
) -> None:
    """Write the table, and the registry that it makes, into a copy of a project, unless they are there already.

    Raises:
        ManifestError: when an entry is not valid.
    """
    path, content = root / "pyproject.toml", (target.root / "pyproject.toml").read_bytes()
    targets = registering.targets if registering is not None else {}
    exports = exporting if exporting is not None and exporting.targets else None
    if targets or exports:
        content = _with_entries(target, targets, exports).encode("utf-8")
    if path.read_bytes() != content:
        path.write_bytes(content)
        place = _registry(target)
        if targets or exports:
            # What functions import is no matter of what is tried here.
            write_registry(root / place, registry_text(load_project(root).manifest))
        elif not (target.root / place).exists():  # tests may look at all that the package holds
            (root / place).unlink(missing_ok=True)


def registry_for(package: AdoptedPackage, names: frozenset[Name]) -> tuple[Registering | None, Exporting | None]:
    """Return what of the registry some names need; both are None where the package has none."""
    registering, exporting = package.registering, package.exporting
    return (
        used(registering, names) if registering is not None else None,
        exporting.only(names) if exporting is not None else None,
    )


def used(registering: Registering, names: frozenset[Name]) -> Registering:
    """Return the entries that some names need, which come with those of the same statement."""
    keys = {key for name, key in registering.entries.items() if name in names}
    return registering.without(set(registering.targets) - keys)


def _with_entries(target: AdoptedProject, targets: Mapping[str, str], exporting: Exporting | None) -> str:
    text = (target.root / "pyproject.toml").read_bytes().decode("utf-8")
    try:
        document = tomlkit.parse(text)
        tool = document.setdefault("tool", tomlkit.table(is_super_table=True))
        if TABLE[1] not in tool:
            tool[TABLE[1]] = tomlkit.table()
            tool[TABLE[1]]["discover"] = True
        imports = tool[TABLE[1]].setdefault("imports", tomlkit.table()) if targets else {}
        for key, value in sorted(targets.items()):
            imports[key] = value
        if exporting is not None:
            exports = tool[TABLE[1]].setdefault("exports", tomlkit.table())
            for name, value in sorted(exporting.targets.items()):
                relative = exporting.relative(name.module)
                (exports.setdefault(relative, tomlkit.table()) if relative else exports)[name.name] = value
        return tomlkit.dumps(document)
    except TOMLKitError as error:
        raise TargetError(f"pyproject.toml cannot be added to: {error}") from error


def _address(exporting: Exporting, name: Name) -> str:
    relative = exporting.relative(name.module)
    return address((*TABLE, "exports", *([relative] if relative else []), name.name))


def _lies_at(problem: Problem, place: str) -> bool:
    return f"{problem.address}.".startswith(f"{place}.")
