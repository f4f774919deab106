"""The hook: has the core look at what hatchling is about to ship, and add to the finished wheel what it lacks.

Every build that uses any third-party hook loads this module, so it loads nothing of ours until it is asked to build.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any, NoReturn

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.wheel import WheelBuilderConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from deferred_imports.tooling.project.tree import Project

# Keys that hatchling itself reads from the table of any hook.
_HATCHLINGS = {"dependencies", "enable-by-default", "require-runtime-dependencies", "require-runtime-features"}


class DeferredImportsBuildHook(BuildHookInterface[WheelBuilderConfig]):
    """Bakes the registry into a wheel, or writes it into the tree that an editable wheel points to."""

    PLUGIN_NAME = "deferred-imports"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuse what is wrong before hatchling makes the archive."""
        if self.target_name != "wheel":
            return
        from deferred_imports.tooling.project.registry_file import refuse_foreign

        with self._problems_told():
            self._refuse_options()
            self._project = self._load(build_data)
            refuse_foreign(self._project.registry_path)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Put into the finished wheel what it lacks; where that fails there is no wheel."""
        if self.target_name != "wheel":
            return
        from deferred_imports.tooling.bake.bake import bake, bake_editable

        path = Path(artifact_path)
        try:
            with self._problems_told():
                editable = version == "editable"
                made = bake_editable(path, self._project) if editable else bake(path, self._project.root)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        for line in made.warnings:
            self.app.display_warning(f"deferred-imports: {line}")
        for line in made.notes:
            self.app.display_info(f"deferred-imports: {line}")

    def _load(self, build_data: dict[str, Any]) -> Project:
        """Load the project as its wheel will be: hatchling's selection of files, metadata that hooks have filled in."""
        from deferred_imports.tooling.project.modules import modules_of
        from deferred_imports.tooling.project.pyproject import find_root, read_toml
        from deferred_imports.tooling.project.tree import assemble

        try:
            with self.build_config.set_build_data(build_data):
                files = [*self.build_config.builder.recurse_included_files()]
        except (ValueError, OSError) as error:
            self._fail(str(error))
        modules = modules_of((PurePath(file.distribution_path), Path(file.path)) for file in files)
        root = find_root(Path(self.root))  # hatchling, too, builds in a directory below
        document = read_toml(root / "pyproject.toml")
        return assemble(root, {**document, "project": self.metadata.core.config}, modules)

    def _refuse_options(self) -> None:
        """Refuse keys in the hook's own table; it has no options, and a misplaced one must not be ignored."""
        from deferred_imports.tooling.table.problems import Problem, did_you_mean

        elsewhere = "; this hook has no options: declare imports in [tool.deferred-imports]"
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

    @contextmanager
    def _problems_told(self) -> Iterator[None]:
        """Make a message of what the user has to mend, without a traceback."""
        from deferred_imports.tooling.bake.wheel import UnsuitableWheelError
        from deferred_imports.tooling.table.problems import ManifestError

        try:
            yield
        except ManifestError as error:
            self._fail(str(error))
        except (OSError, UnsuitableWheelError) as error:
            self._fail(f"deferred-imports: {error}")

    def _fail(self, message: str) -> NoReturn:
        self.app.abort(message)
        raise SystemExit(1)  # never reached, but abort is not typed as what it is
