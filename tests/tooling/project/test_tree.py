"""What is read from a project's tree, on any build backend, and how the generated file gets into it."""

import os
import stat
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath

import pytest

from deferred_imports.tooling.project.modules import find_modules, modules_of
from deferred_imports.tooling.project.pyproject import UnreadableError, find_root, has_hook, read_toml
from deferred_imports.tooling.project.registry_file import read_registry, refuse_foreign, write_registry
from deferred_imports.tooling.project.tree import load_project
from deferred_imports.tooling.registry.code import MARKER
from deferred_imports.tooling.table.manifest import Manifest
from deferred_imports.tooling.table.problems import ManifestError
from processes import RunPython

SAME_PATH = [Path(folder) for folder in sys.path if folder]  # with packaging, and tomli on 3.10
TABLE = '[project]\nname = "weather"\n\n[tool.deferred-imports]\nimports.j = "json"\n'


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def message(error: pytest.ExceptionInfo[ManifestError]) -> str:
    return str(error.value)


# Reading pyproject.toml


def test_root_is_found_from_below(tmp_path: Path) -> None:
    """The nearest directory with a pyproject.toml is the project, from wherever below it the command is called."""
    write(tmp_path, {"pyproject.toml": "", "inner/pyproject.toml": "", "inner/src/weather/x.py": ""})
    assert find_root(tmp_path / "inner" / "src" / "weather") == (tmp_path / "inner").resolve()
    assert find_root(tmp_path) == tmp_path.resolve()


def test_no_pyproject_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no project, the message says what was looked for, and where."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ManifestError) as error:
        find_root(tmp_path)
    assert message(error) == "pyproject.toml: not found, here or in any directory above"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a = 1\nb = \n", "pyproject.toml: not valid TOML: Invalid value (at line 2, column 5)"),
        (b"a = 1\na = 2\n", "pyproject.toml: not valid TOML: Cannot overwrite a value (at line 2, column 6)"),
        (b'a = 1\nb = "\xff"\n', "pyproject.toml: not UTF-8, as TOML must be (at line 2, column 6)"),
        (b"\xff\xfea\x00", "pyproject.toml: not UTF-8, as TOML must be (at line 1, column 1)"),
        (None, "pyproject.toml: cannot be read: No such file or directory"),
    ],
    ids=["no value", "twice", "latin-1", "utf-16", "not there"],
)
def test_unreadable_pyproject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, expected: str
) -> None:
    """A file that is not TOML is told with the line and column, in the words of the parser."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {} if content is None else {"pyproject.toml": content})
    with pytest.raises(ManifestError) as error:
        load_project(tmp_path)
    assert message(error) == expected


def test_pyproject_is_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be opened is told as the operating system says it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(ManifestError) as error:
        read_toml(tmp_path / "pyproject.toml")
    assert message(error).startswith("pyproject.toml: cannot be read: ")


# Finding the package


def loaded(root: Path, table: str = TABLE) -> tuple[Manifest, str]:
    project = load_project(write(root, {"pyproject.toml": table}))
    return project.manifest, project.registry_path.relative_to(root).as_posix()


@pytest.mark.parametrize(
    ("files", "package", "registry"),
    [
        (["src/weather/__init__.py"], "weather", "src/weather/_deferred.py"),
        (["weather/__init__.py"], "weather", "weather/_deferred.py"),
        (["src/ns/app/__init__.py"], "ns.app", "src/ns/app/_deferred.py"),
        (["src/ns/app/__init__.py", "src/ns/app/inner/__init__.py"], "ns.app", "src/ns/app/_deferred.py"),
    ],
    ids=["src", "flat", "namespace in src", "with a subpackage"],
)
def test_one_package_is_found(tmp_path: Path, files: list[str], package: str, registry: str) -> None:
    """The one package of a project needs no declaration, in `src` or in the root; for others see `test_roots`."""
    manifest, place = loaded(write(tmp_path, dict.fromkeys(files, "")))
    assert (manifest.package, place) == (package, registry)


def test_what_is_beside_the_package_is_not_it(tmp_path: Path) -> None:
    """Tests, documentation, examples, environments and leftovers of builds are not the package, nor a second one."""
    beside = "tests docs examples build dist scripts node_modules .hidden _private benchmarks".split()
    write(tmp_path, dict.fromkeys([f"{name}/__init__.py" for name in beside], ""))
    write(tmp_path, {"env/pyvenv.cfg": "", "env/lib/numpy/__init__.py": "", "climate/__init__.py": ""})
    assert loaded(tmp_path)[0].package == "climate"


def test_src_goes_first(tmp_path: Path) -> None:
    """Where there is a package in `src`, others in the root are not shipped; C sources in `src` do not count."""
    write(tmp_path, {"src/climate/__init__.py": "", "other/__init__.py": ""})
    assert loaded(tmp_path)[1] == "src/climate/_deferred.py"
    write(tmp_path / "c", {"src/speed.c": "", "climate/__init__.py": ""})
    assert loaded(tmp_path / "c")[1] == "climate/_deferred.py"


@pytest.mark.parametrize(
    ("files", "registry"),
    [
        (["python/climate/__init__.py"], "python/climate/_deferred.py"),
        (["packages/one/src/climate/__init__.py"], "packages/one/src/climate/_deferred.py"),
        (["lib/climate/__init__.py", "deeper/below/climate/__init__.py"], "lib/climate/_deferred.py"),
        (["lib/climate/__init__.py", "tests/climate/__init__.py"], "lib/climate/_deferred.py"),
        (["src/other/__init__.py", "climate/__init__.py"], "climate/_deferred.py"),
        (["tests/climate/__init__.py", "climate/__init__.py", "lib/climate/__init__.py"], "climate/_deferred.py"),
    ],
    ids=["one folder down", "in a src further down", "the shallowest", "not in tests", "not in src", "the root first"],
)
def test_declared_package_is_searched(tmp_path: Path, files: list[str], registry: str) -> None:
    """A package that the table names is found wherever the backend keeps it."""
    write(tmp_path, dict.fromkeys(files, ""))
    assert loaded(tmp_path, TABLE.replace("imports.j", 'package = "climate"\nimports.j'))[1] == registry


def test_declared_package_in_a_namespace_is_searched(tmp_path: Path) -> None:
    """The search compares whole dotted names, and knows modules by them."""
    write(tmp_path, {"lib/ns/app/__init__.py": "", "lib/ns/app/cli.py": "", "lib/app/__init__.py": ""})
    table = TABLE.replace("imports.j", 'package = "ns.app"\nimports.cli = ".cli"\nimports.j')
    assert loaded(tmp_path, table)[1] == "lib/ns/app/_deferred.py"


def test_declared_package_is_nowhere(tmp_path: Path) -> None:
    """A package that is not in the tree is told with those that are."""
    write(tmp_path, {"src/weather/__init__.py": "", "src/climate/__init__.py": ""})
    with pytest.raises(ManifestError) as error:
        loaded(tmp_path, TABLE.replace("imports.j", 'package = "wether"\nimports.j'))
    assert '"climate", "weather"' in message(error)
    assert 'did you mean "weather"?' in message(error)


# The modules


def test_modules_have_the_names_that_python_imports_them_by(tmp_path: Path) -> None:
    """Names come from places in the wheel; packages hide modules, sources hide compiled ones, the rest is no module."""
    places = """
    app/__init__.py app/a.py app/b.cpython-311-x86_64-linux-gnu.so app/c.pyd app/d.pyx app/e.pyi app/data.json
    app/both.py app/both/__init__.py app/fast.so app/fast.py app/not-one.py app/sub-dir/x.py app/py.typed single.py
    """.split()
    modules = modules_of((PurePath(place), tmp_path / place) for place in places)
    names = {"app", "app.a", "app.b", "app.c", "app.d", "app.both", "app.fast", "single"}
    assert set(modules) == names
    assert modules["app.both"] == tmp_path / "app/both/__init__.py"
    assert modules["app.fast"] == tmp_path / "app/fast.py"


def test_sources_are_the_package_without_its_registry(tmp_path: Path) -> None:
    """What is analysed is the same whether the registry is there or not; other packages are not in it."""
    files = ["weather/__init__.py", "weather/cli.py", "weather/_deferred.py", "weather/_fast.so", "weatherman/x.py"]
    write(tmp_path, {f"src/{file}": f"# {file}" for file in files} | {"pyproject.toml": TABLE})
    assert load_project(tmp_path).read_sources() == {
        "weather": b"# weather/__init__.py",
        "weather.cli": b"# weather/cli.py",
    }


def test_links_are_followed_once(tmp_path: Path) -> None:
    """A linked package is one; links in a circle, dead ones and those to nowhere end the walk."""
    write(tmp_path, {"shared/climate/__init__.py": "", "shared/climate/cli.py": ""})
    (tmp_path / "project" / "src").mkdir(parents=True)
    package = tmp_path / "project" / "src" / "climate"
    package.symlink_to(tmp_path / "shared" / "climate")
    (package / "again").symlink_to(package)
    (package / "up").symlink_to(tmp_path / "project")
    (package / "dead.py").symlink_to(tmp_path / "nothing.py")
    (package / "circle.py").symlink_to(package / "circle.py")
    os.mkfifo(package / "pipe.py")
    assert set(find_modules(tmp_path / "project", {})) == {"climate", "climate.cli"}


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="needs POSIX file modes")
def test_what_cannot_be_read_is_passed_over(tmp_path: Path, run_python: RunPython) -> None:
    """A folder that may not be opened neither stops the search nor shows what is in it."""
    write(tmp_path, {"locked/x/__init__.py": "", "src/secret/__init__.py": "", "lib/climate/__init__.py": ""})
    for folder in (tmp_path / "locked", tmp_path / "src"):
        folder.chmod(0)
    tmp_path.chmod(0o755)
    code = """
import os
from pathlib import Path
from deferred_imports.tooling.project.tree import find_modules
if os.geteuid() == 0:
    os.setuid(65534)  # file modes do not stop root
print(sorted(find_modules(Path(), {"tool": {"deferred-imports": {"package": "climate"}}})))
"""
    try:
        done = run_python(code, path=SAME_PATH, cwd=tmp_path)
    finally:
        for folder in (tmp_path / "locked", tmp_path / "src"):
            folder.chmod(0o755)
    assert done.stdout == "['climate']\n"


# Writing the registry

OLD = f"{MARKER}, once\nold = True\n" + "# filler\n" * 500
NEW = f"{MARKER}, again\nnew = True\n" + "# filler\n" * 700


def test_write_creates_and_replaces(tmp_path: Path) -> None:
    """The text is written as it is given, with LF on every system, and nothing else is left in the folder."""
    path = tmp_path / "_deferred.py"
    assert write_registry(path, OLD)
    assert path.read_bytes() == OLD.encode()
    assert write_registry(path, NEW)
    assert path.read_bytes() == NEW.encode()
    assert os.listdir(tmp_path) == ["_deferred.py"]


def test_write_leaves_what_is_up_to_date(tmp_path: Path) -> None:
    """An unchanged file keeps its time, so that nothing that watches it starts to work."""
    path = tmp_path / "_deferred.py"
    write_registry(path, OLD)
    os.utime(path, (1, 1))
    assert not write_registry(path, OLD)
    assert path.stat().st_mtime == 1


def test_write_obeys_the_umask(tmp_path: Path) -> None:
    """The file can be read by those who can read other new files, not only by its owner as temporary ones."""
    umask = os.umask(0o022)
    try:
        write_registry(tmp_path / "_deferred.py", OLD)
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "_deferred.py").stat().st_mode) == 0o644


def test_what_is_there_is_read_as_it_is(tmp_path: Path) -> None:
    """Line endings are not translated, so that a file which a tool has changed is seen to differ; no file is None."""
    path = tmp_path / "_deferred.py"
    assert read_registry(path) is None
    path.write_bytes(OLD.replace("\n", "\r\n").encode() + b"\xff")
    assert read_registry(path) == OLD.replace("\n", "\r\n") + "\\xff"
    path.write_text("np = None\n")
    with pytest.raises(ManifestError):
        read_registry(path)


def foreign_file(path: Path) -> None:
    path.write_text("np = None\n")


def foreign_folder(path: Path) -> None:
    path.mkdir()


def foreign_package(path: Path) -> None:
    write(path.with_suffix(""), {"__init__.py": OLD})


def foreign_link(path: Path) -> None:
    path.with_name("elsewhere").write_text(OLD)
    path.symlink_to("elsewhere")


def dead_link(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (
            foreign_file,
            (
                '"src/_deferred.py" was not generated by deferred-imports and is not overwritten; '
                "rename it, or set registry to another name"
            ),
        ),
        (foreign_folder, '"src/_deferred.py" is not a file; remove it, or set registry to another name'),
        (foreign_package, '"src/_deferred" is a package; rename it, or set registry to another name'),
        (foreign_link, '"src/_deferred.py" is a symbolic link; remove it, or set registry to another name'),
        (dead_link, '"src/_deferred.py" is a symbolic link; remove it, or set registry to another name'),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_write_refuses_what_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], expected: str
) -> None:
    """Whatever lacks our first line stays as it is, and the message names it and the two ways out."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "src" / "_deferred.py"
    path.parent.mkdir()
    make(path)
    before = {file: file.lstat() for file in path.parent.rglob("*")}
    with pytest.raises(ManifestError) as error:
        write_registry(path, NEW)
    assert message(error) == f"pyproject.toml: [tool.deferred-imports] has 1 problem\n  registry: {expected}"
    assert {file: file.lstat() for file in path.parent.rglob("*")} == before


def test_a_linked_file_that_is_up_to_date_will_do(tmp_path: Path) -> None:
    """Trees made of links (Bazel, Nix) are only read, and reading is enough when nothing has changed."""
    (tmp_path / "elsewhere").write_text(OLD)
    (tmp_path / "_deferred.py").symlink_to("elsewhere")
    assert not write_registry(tmp_path / "_deferred.py", OLD)


def test_the_marker_is_looked_for_at_the_start_only(tmp_path: Path) -> None:
    """A file that mentions the marker further down is somebody's own."""
    (tmp_path / "_deferred.py").write_text(f"import json\n{MARKER}\n")
    with pytest.raises(ManifestError):
        refuse_foreign(tmp_path / "_deferred.py")


FULL_DISK = """
import resource, sys
from pathlib import Path
from deferred_imports.tooling.project.registry_file import write_registry
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # as a full disk: the write stops half way
try:
    write_registry(Path(sys.argv[1]), sys.argv[2])
except OSError as error:
    print("refused:", error.strerror)
"""

KILLED = """
import os, sys
from pathlib import Path
from deferred_imports.tooling.project.registry_file import write_registry
os.replace = lambda source, target: os.kill(os.getpid(), 9)  # the power goes at the last moment
write_registry(Path(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.skipif(os.name == "nt", reason="limits the size of files with POSIX means")
def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path, run_python: RunPython) -> None:
    """A write that fails half way changes nothing, and takes its unfinished file with it."""
    path = tmp_path / "_deferred.py"
    path.write_text(OLD)
    assert run_python(FULL_DISK, str(path), NEW, path=SAME_PATH).stdout == "refused: File too large\n"
    assert path.read_text() == OLD
    assert os.listdir(tmp_path) == ["_deferred.py"]


@pytest.mark.skipif(os.name == "nt", reason="kills the process with a POSIX signal")
def test_a_killed_write_leaves_the_old_file_whole(tmp_path: Path, run_python: RunPython) -> None:
    """What a killed process leaves is the old file, and one that no backend ships and no Python imports."""
    path = tmp_path / "_deferred.py"
    path.write_text(OLD)
    assert run_python(KILLED, str(path), NEW, path=SAME_PATH, check=False).returncode == -9
    assert path.read_text() == OLD
    (leftover,) = {file.name for file in tmp_path.iterdir()} - {"_deferred.py"}
    assert leftover.startswith(".")
    assert leftover.endswith(".pyo")


def test_readers_see_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    """Who reads while another writes never sees half a file, nor none."""
    path = tmp_path / "_deferred.py"
    write_registry(path, OLD)
    seen: set[str] = set()
    done = threading.Event()

    def watch() -> None:
        try:
            while not done.is_set():
                seen.add(path.read_text())
        except OSError as error:
            seen.add(str(error))

    reader = threading.Thread(target=watch)
    reader.start()
    for text in [NEW, OLD] * 200:
        write_registry(path, text)
    done.set()
    reader.join()
    assert seen <= {OLD, NEW}
    assert seen


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"a = {'9' * 5000}\n", "a number in it has thousands of digits"),
        (f"a = {'[' * 5000}{']' * 5000}\n", "its arrays or tables are nested too deeply"),
        (f"a = {'{ a = ' * 3000}1{' }' * 3000}\n", "its arrays or tables are nested too deeply"),
    ],
    ids=["digits", "arrays", "tables"],
)
def test_what_python_refuses_to_read(text: str, reason: str, tmp_path: Path) -> None:
    """What is TOML and more than Python reads is refused with the reason."""
    path = tmp_path / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError, match=f"cannot be read: {reason}"):
        read_toml(path)


@pytest.mark.skipif(os.name == "nt", reason="needs links")
@pytest.mark.parametrize("layout", ["src", "."])
def test_links_do_not_lead_out_of_the_project(layout: str, tmp_path: Path) -> None:
    """A link inside of the project is followed; one that leads out of it is not, unless it is the package."""
    outside, root = tmp_path / "outside", tmp_path / "project"
    for place in (outside / "deep", outside / "pkg", root / layout / "weather", root / "shared"):
        place.mkdir(parents=True)
        (place / "module.py").touch()
    (root / layout / "weather" / "__init__.py").touch()
    (outside / "pkg" / "__init__.py").touch()
    for link, target in {"weather/data": outside, "weather/shared": root / "shared", "pkg": outside / "pkg"}.items():
        (root / layout / link).symlink_to(target)
    (root / layout / "all").symlink_to("/")

    found = set(find_modules(root, {}))
    assert {"weather", "weather.module", "weather.shared.module", "pkg", "pkg.module"} <= found
    assert not {name for name in found if "data" in name or name.startswith("all")}


@pytest.mark.parametrize(
    ("hatch_file", "expected"),
    [
        ("[build.hooks.deferred-imports]\n", True),
        ("[build.targets.wheel.hooks.deferred-imports]\n", True),
        ("[envs.default]\n", True),  # [tool.hatch.build] stays
        ("[build.targets.wheel]\npackages = ['src/weather']\n", False),  # and is replaced
    ],
)
def test_the_hook_in_hatch_toml(hatch_file: str, *, expected: bool, tmp_path: Path) -> None:
    """What hatch.toml says of the build counts, as hatchling has it: instead of what [tool.hatch] says of it."""
    hook = "[tool.hatch.build.hooks.deferred-imports]\n" if "envs" in hatch_file or not expected else ""
    write(tmp_path, {"src/weather/__init__.py": "", "hatch.toml": hatch_file, "pyproject.toml": f"{TABLE}\n{hook}"})
    assert has_hook(load_project(tmp_path).document) == expected
