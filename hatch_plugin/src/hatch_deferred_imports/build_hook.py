"""The hook: shows the core what hatchling is about to ship, and puts the core's product where hatchling picks it up.

Every build that uses any third-party hook loads this module, so it loads nothing of ours until it is asked to build.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
import zipfile
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any, NoReturn

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.utils import normalize_inclusion_map
from hatchling.builders.wheel import WheelBuilderConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from deferred_imports.tooling.project.tree import Project

RECORD = "deferred-imports.json"

# Keys that hatchling itself reads from the table of any hook.
_HATCHLINGS = {"dependencies", "enable-by-default", "require-runtime-dependencies", "require-runtime-features"}


class DeferredImportsBuildHook(BuildHookInterface[WheelBuilderConfig]):
    """Bakes the registry into a wheel, or writes it into the tree that an editable wheel points to."""

    PLUGIN_NAME = "deferred-imports"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Hand the registry and its record to hatchling before it makes the archive."""
        self._shipped: dict[str, bytes] = {}  # what of ours the wheel will hold, by its place
        if self.target_name != "wheel":
            return
        from deferred_imports.tooling.project.discover import discover_in
        from deferred_imports.tooling.project.initializer import is_out_of_reach
        from deferred_imports.tooling.project.tree import write_registry
        from deferred_imports.tooling.registry.render import record, render, summary

        with self._problems_told():
            self._refuse_options()
            project = self._load(build_data)
            place = f"{project.manifest.package.replace('.', '/')}/{project.registry_path.name}"
            self._refuse_other_files(place, project, build_data)
            usage = discover_in(project)
            for skipped in usage.skipped if project.manifest.discover else ():
                self.app.display_warning(f"deferred-imports: {skipped}")
            text = render(project.manifest, usage)
            directory = self._temporary_directory()
            if version == "editable":
                self._write_into_tree(project, text)
            else:
                write_registry(directory / project.registry_path.name, text)
                self._ship(place, directory / project.registry_path.name, build_data)
            if is_out_of_reach(project.manifest, usage):
                self._bring_within_reach(project, version, directory, build_data)
            (directory / RECORD).write_text(record(project.manifest, usage), encoding="utf-8", newline="\n")
            build_data["extra_metadata"][str(directory / RECORD)] = RECORD
            self.app.display_info(f"deferred-imports: {summary(project.manifest, usage)} -> {place}")

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Look into the finished wheel: no wheel without its registry, whatever other hooks have done."""
        for place, content in self._shipped.items():
            with zipfile.ZipFile(artifact_path) as wheel:
                found = [wheel.read(entry) for entry in wheel.infolist() if entry.filename == place]
            if found != [content]:
                os.remove(artifact_path)
                state = "another one" if found else "missing"
                self._fail(
                    f'deferred-imports: "{place}" is {state} in the finished wheel, which is deleted; '
                    "another build hook must have changed what is included"
                )

    def clean(self, versions: list[str]) -> None:
        """Remove the registry from the tree, if it is ours."""
        if self.target_name != "wheel":
            return
        from deferred_imports.tooling.project.tree import is_generated
        from deferred_imports.tooling.table.problems import ManifestError

        with self._problems_told():
            try:
                path = self._load({"artifacts": [], "force_include": {}}).registry_path
            except ManifestError:
                return  # nothing can have been generated from it, and builds tell what is wrong
            if path.is_file() and not path.is_symlink() and is_generated(path.read_bytes()):
                path.unlink()

    def _load(self, build_data: dict[str, Any]) -> Project:
        """Load the project as its wheel will be: hatchling's selection of files, metadata that hooks have filled in."""
        from deferred_imports.tooling.project.tree import assemble, modules_of, read

        # Asked before our own file is forced in: that would silence hatchling's complaint about nothing to ship.
        try:
            with self.build_config.set_build_data(build_data):
                files = [*self.build_config.builder.recurse_included_files()]
        except (ValueError, OSError) as error:
            self._fail(str(error))
        modules = modules_of((PurePath(file.distribution_path), Path(file.path)) for file in files)
        document = read(Path(self.root, "pyproject.toml"))
        return assemble(Path(self.root), {**document, "project": self.metadata.core.config}, modules)

    def _refuse_options(self) -> None:
        """Refuse keys in the hook's own table; it has no options, and a misplaced one must not be ignored."""
        from deferred_imports.tooling.table.problems import Problem, did_you_mean

        elsewhere = "; what to defer is said in [tool.deferred-imports]"
        problems = [
            Problem(key, f"unknown key{did_you_mean(key, _HATCHLINGS) or elsewhere}")
            for key in self.config
            if key not in _HATCHLINGS
        ]
        if problems:
            own = "deferred-imports" in self.build_config.target_config.get("hooks", {})
            table = f"tool.hatch.build.{'targets.wheel.' if own else ''}hooks.deferred-imports"
            count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
            self._fail("\n  ".join([f"[{table}] has {count}", *map(str, problems)]))

    def _ship(self, place: str, path: Path, build_data: dict[str, Any]) -> None:
        """Let the wheel have a file of ours; one that the tree has for this place is left out."""
        build_data["force_include"][str(path)] = self._before_rewriting(place)
        self._shipped[place] = path.read_bytes()

    def _bring_within_reach(self, project: Project, version: str, directory: Path, build_data: dict[str, Any]) -> None:
        """Let the wheel's `__init__.py` import the registry, since nothing else does; the tree's is its author's."""
        from deferred_imports.tooling.project.initializer import UnsuitableError, import_of, out_of_reach, with_import
        from deferred_imports.tooling.project.tree import shown

        manifest, source = project.manifest, project.modules[project.manifest.package]
        line, unreached = import_of(manifest), f"deferred-imports: {out_of_reach(manifest)}"
        if version == "editable":
            self.app.display_info(f'{unreached} in an editable install; a wheel gets the line "{line}"')
            return
        place, path = f"{manifest.package.replace('.', '/')}/__init__.py", directory / "__init__.py"
        try:
            if source.name != "__init__.py":
                raise UnsuitableError("it is compiled")
            for owner, _ in self._forced_to(place, build_data):
                raise UnsuitableError(f"{owner} puts it there")
            path.write_bytes(with_import(source.read_bytes(), manifest))
        except UnsuitableError as error:
            what = f'and "{shown(source)}" stays as it is: {error}; add the line "{line}" where it can stand'
            self.app.display_warning(f"{unreached}, {what}")
            return
        shutil.copystat(source, path)
        self._ship(place, path, build_data)
        self.app.display_info(f'deferred-imports: {place} gets the line "{line}", as nothing imports the registry')

    def _refuse_other_files(self, place: str, project: Project, build_data: dict[str, Any]) -> None:
        """Refuse to build when the registry's place is taken, in the wheel or in the tree."""
        from deferred_imports.tooling.project.tree import refuse_foreign, shown
        from deferred_imports.tooling.table.problems import ManifestError, Problem, quote

        for owner, source in self._forced_to(place, build_data):
            message = f"{quote(place)} is taken: {owner} puts {quote(shown(Path(source)))} there"
            raise ManifestError([Problem("registry", f"{message}; remove that, or name another module")])
        registry = f"{project.manifest.package}.{project.manifest.registry}"
        for path in {project.registry_path, project.modules.get(registry, project.registry_path)}:
            refuse_foreign(path)

    def _forced_to(self, place: str, build_data: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield who forces a file to a place in the wheel, and which."""
        own = "force-include" in self.build_config.target_config
        setting = f"[tool.hatch.build.{'targets.wheel.' if own else ''}force-include]"
        others = normalize_inclusion_map(build_data["force_include"], self.root)
        for owner, forced in ((setting, self.build_config.force_include), ("another build hook", others)):
            for source, target in forced.items():
                if os.path.isfile(source) and self._after_rewriting(target) == place:
                    yield owner, source

    def _before_rewriting(self, place: str) -> str:
        """Return the path that hatchling's `sources` rewrites to this one, as they do with every forced file."""
        sources = self.build_config.sources.items()
        native = str(PurePath(place))
        candidates = [native, *(source + native.removeprefix(start) for source, start in sources)]
        return next(path for path in candidates if self._after_rewriting(path) == place)

    def _after_rewriting(self, path: str) -> str:
        return PurePath(self.build_config.get_distribution_path(path)).as_posix()

    def _write_into_tree(self, project: Project, text: str) -> None:
        """Write the registry where an editable install imports the package from; forced files are not found there."""
        from deferred_imports.tooling.project.tree import shown, write_registry

        try:
            write_registry(project.registry_path, text)
        except OSError as error:
            self._fail(
                f'deferred-imports: "{shown(project.registry_path)}" cannot be written: {error.strerror}\n'
                "An editable install runs from the source tree and needs the file there: write it with"
                ' "deferred-imports generate" where that is possible, or install without -e'
            )

    def _temporary_directory(self) -> Path:
        """Make a directory outside the project; forced files from there take the place of stale ones in the tree."""
        root = Path(self.root).resolve()
        for parent in (tempfile.gettempdir(), root.parent, "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp makes names of its own
            if not Path(parent).resolve().is_relative_to(root) and os.access(parent, os.W_OK):
                directory = tempfile.mkdtemp(prefix="deferred-imports-", dir=Path(parent).resolve())
                # hatchling calls no hook when the archive fails; this runs all the same, at the latest at exit.
                weakref.finalize(self, shutil.rmtree, directory, ignore_errors=True)
                return Path(directory)
        raise OSError("no directory for temporary files outside the project; set TMPDIR to one")

    @contextmanager
    def _problems_told(self) -> Iterator[None]:
        """Make a message of what the user has to mend, without a traceback."""
        from deferred_imports.tooling.table.problems import ManifestError

        try:
            yield
        except ManifestError as error:
            self._fail(str(error))
        except OSError as error:
            self._fail(f"deferred-imports: {error}")

    def _fail(self, message: str) -> NoReturn:
        self.app.abort(message)
        raise SystemExit(1)  # never reached, but abort is not typed as what it is
