"""Programs as texts, for the tests of what `scan` reads from them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from deferred_imports.tooling.scan.calls import Calls, calls_at_import
from deferred_imports.tooling.scan.following import Follower
from deferred_imports.tooling.scan.foreign import ForeignSources, KnownModules
from deferred_imports.tooling.scan.program import Program, join
from deferred_imports.tooling.source.module import Module, read_module


def modules_of(texts: Mapping[str, str]) -> dict[str, Module]:
    """Return modules, analysed; those that hold others are packages."""
    packages = {name.rpartition(".")[0] for name in texts}
    return {name: read_module(text, name, is_package=name in packages) for name, text in texts.items()}


def follower_of(texts: Mapping[str, str]) -> Follower:
    """Return what follows names through modules."""
    modules = modules_of(texts)
    return Follower(modules, frozenset(modules))


def calls_of(texts: Mapping[str, str]) -> Calls:
    """Return what runs while modules are imported."""
    modules = modules_of(texts)
    return calls_at_import(modules, Follower(modules, frozenset(modules)))


def sources_of(texts: Mapping[str, str], directory: Path) -> tuple[ForeignSources, Follower]:
    """Return the sources of modules, written into a directory, and of all others, and what follows names there."""
    modules = modules_of(texts)
    sources = ForeignSources(modules, _files(texts, directory))
    return sources, Follower(sources, KnownModules(frozenset(modules), sources))


def program_of(texts: Mapping[str, str], directory: Path, entry_points: Sequence[tuple[str, str]] = ()) -> Program:
    """Return modules, written into a directory and joined to a program."""
    return join(modules_of(texts), entry_points=entry_points, files=_files(texts, directory))


def _files(texts: Mapping[str, str], directory: Path) -> dict[str, Path]:
    for name, text in texts.items():
        (directory / f"{name}.py").write_text(text, encoding="utf-8")
    return {name: directory / f"{name}.py" for name in texts}


def install(site: Path, files: Mapping[str, str]) -> None:
    """Write the modules of a distribution where the interpreter finds them once `site` is on its path."""
    for path, text in files.items():
        file = site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
