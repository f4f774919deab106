"""Small packages with real registries, and programs that use them, each in an interpreter of its own."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent
from unicodedata import normalize

from deferred_imports.tooling.registry.render import registry_text
from deferred_imports.tooling.table.manifest import Shipped, parse_table
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY
from goldens import CASES, compare
from processes import Env, RunPython

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KEEPS_GETATTR = "free-threading" in sys.version or not (3, 11) <= sys.version_info < (3, 15)
"""Whether an installed registry keeps its ``__getattr__`` when nothing is pending: where reading is no slower by it."""

# A module that a test holds half made: it says that it has begun, and comes to its end when the test lets it.
HELD = {
    "gate.py": "import threading\nbegun, go = threading.Event(), threading.Event()\n",
    "slow.py": "import gate\ngate.begun.set()\ngate.go.wait(100)\ncomplete = True\n",
}


def render_registry(table: str, modules: Mapping[str, bool], *, project: str = "", package: str = "weather") -> str:
    """Return the text of the registry for a table, through the real parser and the real renderer.

    Args:
        table: The lines of [tool.deferred-imports], as in ``imports.np = "numpy"``.
        modules: The absolute names of the modules that the wheel ships, with whether each is a package.
        project: Lines of [project]; otherwise its name is the package's, its requirements all top-level modules.
        package: The package that declares it.
    """
    lines = [f'[tool.deferred-imports]\npackage = "{package}"', dedent(table)]
    document = tomllib.loads("\n".join(["[project]", dedent(project), *lines]))
    document["project"].setdefault("name", package.replace(".", "-"))
    if "dependencies" not in document["project"]:
        document["project"]["dependencies"] = sorted(_tops(document["tool"]["deferred-imports"].get("imports", {})))
    shipped = Shipped(frozenset(modules), frozenset(name for name, is_package in modules.items() if is_package))
    manifest = parse_table(document, shipped)
    # Parsing sorts by name; here the table's own order stays, so that a test can say what comes after what.
    order = [normalize("NFKC", name) for name in document["tool"]["deferred-imports"].get("imports", ())]
    entries = tuple(sorted(manifest.entries, key=lambda entry: order.index(entry.name)))
    return registry_text(replace(manifest, entries=entries))


def _tops(imports: Mapping[str, str | list[str] | Mapping[str, str | list[str]]]) -> set[str]:
    found = set()
    for entry in imports.values():
        modules = entry["module"] if isinstance(entry, Mapping) else entry
        found |= {
            module.partition(":")[0].partition(".")[0]
            for module in ([modules] if isinstance(modules, str) else modules)
        }
    return found - STANDARD_LIBRARY - {""}


@dataclass(frozen=True)
class World:
    """A directory from which the interpreters that it starts can import, and `deferred_imports` of the tree with it."""

    path: Path
    run_python: RunPython

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, path to text."""
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text), encoding="utf-8", newline="\n")

    def package(
        self,
        table: str,
        files: Mapping[str, str] | None = None,
        *,
        package: str = "weather",
        project: str = "",
        uses: str = "",
        graph: str = "",
        registry: str = "_deferred",
    ) -> Path:
        """Write a package with its registry, and return its directory.

        Args:
            table: The lines of [tool.deferred-imports], as in ``imports.np = "numpy"``.
            files: Its modules, path in the package to text; an empty ``__init__.py`` if there is none among them.
            package: Its name, with dots for one within another.
            project: Lines of [project], see `render_registry`.
            uses: Which module uses which keys, as the build bakes it: lines like ``.cli: np plt``.
            graph: Which module imports which modules of the package: lines like ``.cli: .core .data``.
            registry: The name of the registry.
        """
        directory = self.path / package.replace(".", "/")
        files = {"__init__.py": "", **(files or {})}
        self.write({f"{package.replace('.', '/')}/{name}": text for name, text in files.items()})
        modules = {package: True}
        for name in files:
            parts = [package, *Path(name).with_suffix("").parts]
            is_package = parts[-1] == "__init__"
            modules[".".join(parts[:-1] if is_package else parts)] = is_package
        text = render_registry(table, modules, project=project, package=package)
        baked = {"uses": dedent(uses).strip(), "graph": dedent(graph).strip()}
        maps = "".join(f'    "{key}": """\n{lines}\n""",\n' for key, lines in baked.items() if lines)
        head = "__deferred_imports__ = {  # pragma: no cover\n"
        assert text.count(head) == 1
        (directory / f"{registry}.py").write_text(text.replace(head, head + maps), encoding="utf-8", newline="\n")
        return directory

    def start(
        self,
        code: str,
        *args: str,
        runtime: bool = True,
        env: Env | None = None,
        flags: Sequence[str] = (),
        python: str | Path = sys.executable,
        cwd: Path | None = None,
        path: Sequence[Path] | None = None,
    ) -> "subprocess.CompletedProcess[str]":
        """Run code, with this directory on the path unless others are named, and return all that came of it."""
        return self.run_python(
            dedent(code),
            *args,
            path=[self.path] if path is None else path,
            runtime=runtime,
            env=env,
            flags=flags,
            python=python,
            cwd=cwd or self.path,
            check=False,
        )

    def run(
        self,
        code: str,
        *args: str,
        runtime: bool = True,
        env: Env | None = None,
        flags: Sequence[str] = (),
        python: str | Path = sys.executable,
        cwd: Path | None = None,
        path: Sequence[Path] | None = None,
    ) -> str:
        """Run code that succeeds and has nothing to say on stderr, and return what it printed, stripped."""
        done = self.start(code, *args, runtime=runtime, env=env, flags=flags, python=python, cwd=cwd, path=path)
        assert (done.returncode, done.stderr) == (0, ""), f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def error(self, code: str, *args: str, runtime: bool = True, env: Env | None = None) -> str:
        """Run code that fails, and return the last line on stderr: the error."""
        done = self.start(code, *args, runtime=runtime, env=env)
        assert done.returncode == 1, done.stdout
        return done.stderr.strip().splitlines()[-1]


@dataclass(frozen=True)
class Golden:
    """Texts as they shall be, in `tests/cases/runtime`."""

    def __call__(self, name: str, text: str) -> None:
        """Compare ``text``, times and paths in it replaced before, with the golden file ``name``.txt."""
        compare(text.strip() + "\n", CASES / "runtime" / f"{name}.txt")
