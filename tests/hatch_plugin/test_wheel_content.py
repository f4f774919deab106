"""What a standard wheel holds, whatever the layout, the selection and the state of the tree.

That no archive holds a path twice is looked at in every build that any test makes.
"""

import ast
import base64
import hashlib
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from builds import Build, MakeProject, names_in, read_from
from deferred_imports.tooling.registry.code import MARKER
from processes import MakeVenv, RunPython, clean_env, run

TABLE = 'imports.j = "json"\n'
WHEEL = "[tool.hatch.build.targets.wheel]\n"
STALE = f"{MARKER}, long ago\nstale = True\n"
OWN = "np = None  # written by hand\n"
INFO = {f"weather-1.0.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL")}
INFO |= {"weather-1.0.dist-info/deferred-imports.json"}


def sources(*paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, "")


def registries(wheel: Path) -> set[str]:
    return {name for name in names_in(wheel) if "_deferred" in name}


LAYOUTS: dict[str, tuple[dict[str, str], str, str]] = {
    "src": (sources("src/weather/__init__.py", "src/weather/cli.py"), "", "weather"),
    "flat": (sources("weather/__init__.py", "weather/cli.py"), "", "weather"),
    "namespace declared": (sources("src/ns/app/__init__.py"), 'packages = ["src/ns"]', "ns/app"),
    "namespace guessed": (sources("ns/weather/__init__.py"), "", "ns/weather"),
    "subpackages": (sources("src/weather/__init__.py", "src/weather/sub/__init__.py"), "", "weather"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_registry_lies_beside_the_init(build: Build, make_project: MakeProject, layout: str) -> None:
    """In every layout there is exactly one registry, in the folder of the package's `__init__.py`."""
    files, selection, package = LAYOUTS[layout]
    wheel = build("hatchling", make_project(files, table=f"{TABLE}{WHEEL}{selection}")).wheel
    assert registries(wheel) == {f"{package}/_deferred.py"}
    assert f"{package}/__init__.py" in names_in(wheel)


def test_the_wheel_holds_the_package_the_registry_and_the_record(build: Build, make_project: MakeProject) -> None:
    """A wheel has two files more than without the hook, and no others."""
    wheel = build("hatchling", make_project(sources("src/weather/__init__.py"), table=TABLE)).wheel
    assert names_in(wheel) == INFO | {"weather/__init__.py", "weather/_deferred.py"}


def test_an_archive_that_holds_a_path_twice_is_noticed(tmp_path: Path) -> None:
    """What looks over every build in these tests does find duplicates."""
    with zipfile.ZipFile(tmp_path / "twice.whl", "w") as wheel:
        wheel.writestr("weather/_deferred.py", "")
        with pytest.warns(UserWarning, match="Duplicate name"):
            wheel.writestr("weather/_deferred.py", "")
    with pytest.raises(AssertionError, match="holds twice"):
        names_in(tmp_path / "twice.whl")


REWRITTEN = {
    "renamed": (
        sources("src/weather/__init__.py"),
        'only-include = ["src/weather"]\nsources = { "src/weather" = "climate" }',
        "climate",
    ),
    "moved into a namespace": (
        sources("src/weather/__init__.py"),
        'only-include = ["src/weather"]\nsources = { "src" = "ns/deep" }',
        "ns/deep/weather",
    ),
    "prefix removed": (
        sources("lib/code/weather/__init__.py"),
        'only-include = ["lib/code/weather"]\nsources = ["lib/code"]',
        "weather",
    ),
    "prefix added": (sources("weather/__init__.py"), 'sources = { "" = "pre" }', "pre/weather"),
    "renamed beside a src": (
        sources("src/weather/__init__.py", "lib/weather.py"),
        'packages = ["src/weather"]\nsources = { "weather" = "other" }',
        "weather",
    ),
}


@pytest.mark.parametrize("rewriting", REWRITTEN)
def test_the_registry_follows_its_package(build: Build, make_project: MakeProject, rewriting: str) -> None:
    """Where `sources` moves or renames the package, the registry goes with it."""
    files, selection, package = REWRITTEN[rewriting]
    wheel = build("hatchling", make_project(files, table=f"{TABLE}{WHEEL}{selection}")).wheel
    assert registries(wheel) == {f"{package}/_deferred.py"}
    assert f"{package}/__init__.py" in names_in(wheel)


def test_single_files_selected(build: Build, make_project: MakeProject) -> None:
    """A selection of single files, which no folder pattern can add to, gets its registry."""
    selection = 'only-include = ["src/weather/__init__.py", "src/weather/cli.py"]\nsources = ["src"]'
    files = sources("src/weather/__init__.py", "src/weather/cli.py", "src/weather/left_out.py")
    wheel = build("hatchling", make_project(files, table=f"{TABLE}{WHEEL}{selection}")).wheel
    modules = {"weather/__init__.py", "weather/cli.py", "weather/_deferred.py"}
    assert names_in(wheel) == INFO | modules


@pytest.mark.parametrize(
    ("selection", "ignored"),
    [
        ('exclude = ["_deferred.py"]', ""),
        ('exclude = ["src/weather/_*.py", "!src/weather/__init__.py"]', ""),
        ("", "_deferred.py\n"),
        ("", "src/weather/_deferred.py\n"),
        ("ignore-vcs = true", "_deferred.py\n"),
        ("only-packages = true", ""),
        ('artifacts = ["*.py"]', "_deferred.py\n"),
    ],
)
@pytest.mark.parametrize("stale", [False, True], ids=["clean", "stale"])
def test_excluded_and_ignored_registries_are_shipped(
    build: Build, make_project: MakeProject, selection: str, ignored: str, *, stale: bool
) -> None:
    """Neither `exclude` nor version control keeps the registry out of the wheel."""
    files = sources("src/weather/__init__.py") | {".gitignore": ignored}
    files |= {"src/weather/_deferred.py": STALE} if stale else {}
    wheel = build("hatchling", make_project(files, table=f"{TABLE}{WHEEL}{selection}")).wheel
    assert registries(wheel) == {"weather/_deferred.py"}
    assert "stale" not in read_from(wheel, "_deferred.py")


@pytest.mark.parametrize("stale", [False, True], ids=["clean", "stale"])
def test_a_package_that_is_force_included_as_a_whole(build: Build, make_project: MakeProject, *, stale: bool) -> None:
    """A folder that the user forces in gets one registry, the fresh one, where the folder goes."""
    files = sources("code/station/__init__.py") | ({"code/station/_deferred.py": STALE} if stale else {})
    forced = f'{WHEEL}force-include = {{ "code/station" = "climate" }}\n'
    wheel = build("hatchling", make_project(files, table=TABLE + forced)).wheel
    assert names_in(wheel) == INFO | {"climate/__init__.py", "climate/_deferred.py"}
    assert "stale" not in read_from(wheel, "_deferred.py")


def test_a_package_that_is_force_included_from_elsewhere(build: Build, make_project: MakeProject) -> None:
    """A folder outside the project that `sources` moves as well gets one registry, where it goes."""
    (make_project(sources("weather/__init__.py", "weather/cli.py")) / "pyproject.toml").unlink()
    forced = f'{WHEEL}sources = {{ "code" = "ns" }}\nforce-include = {{ "../project/weather" = "code/weather" }}\n'
    project = make_project({}, table=TABLE + forced)
    assert registries(build("hatchling", project).wheel) == {"ns/weather/_deferred.py"}


def failure(build: Build, project: Path, frontend: str = "hatchling", target: str = "wheel") -> str:
    """Build what cannot be built, and return what is said about it."""
    built = build(frontend, project, target, isolated=False, check=False)
    assert built.returncode != 0
    assert "Traceback" not in built.output
    assert list(project.rglob("*.whl")) == []
    return built.output


@pytest.mark.parametrize("where", ["targets.wheel.", ""])
def test_the_place_is_force_included_already(build: Build, make_project: MakeProject, where: str) -> None:
    """A file that the user's own settings put where the registry goes stays, and there is no wheel."""
    forced = f'[tool.hatch.build.{where}force-include]\n"mine.py" = "weather/_deferred.py"\n'
    files = sources("src/weather/__init__.py") | {"mine.py": OWN}
    project = make_project(files, table=TABLE + forced)
    assert failure(build, project) == (
        "pyproject.toml: [tool.deferred-imports] has 1 problem\n"
        '  registry: "weather/_deferred.py" in the wheel was not generated by deferred-imports and is not overwritten; '
        "rename it, or set registry to another name\n"
    )


def test_another_name_for_the_registry(build: Build, make_project: MakeProject) -> None:
    """Where the place is taken, naming another module is a way out, as the message says."""
    forced = f'{WHEEL}force-include = {{ "mine.py" = "weather/_deferred.py" }}\n'
    files = sources("src/weather/__init__.py") | {"mine.py": OWN}
    wheel = build("hatchling", make_project(files, table=f'registry = "_later"\n{TABLE}{forced}')).wheel
    assert read_from(wheel, "weather/_deferred.py") == OWN
    assert read_from(wheel, "weather/_later.py").startswith(MARKER)


@pytest.mark.parametrize("frontend", ["hatchling", "uv"])
def test_hatchling_finds_nothing_to_ship(build: Build, make_project: MakeProject, frontend: str) -> None:
    """A project named unlike its package fails as it does without us, and makes no wheel of one file."""
    output = failure(build, make_project(sources("src/weather/__init__.py"), name="other", table=TABLE), frontend)
    assert "Unable to determine which files to ship inside the wheel" in output
    assert 'packages = ["src/foo"]' in output


def test_a_package_that_the_wheel_lacks(build: Build, make_project: MakeProject) -> None:
    """A package that the wheel does not ship is told with those that it does."""
    selection = f'{WHEEL}packages = ["src/weather", "src/climate"]\n'
    files = sources("src/weather/__init__.py", "src/climate/__init__.py", "ground/__init__.py")
    for package, hint in (("wether", '; did you mean "weather"?'), ("ground", "")):
        project = make_project(files, table=f'package = "{package}"\n{TABLE}{selection}')
        assert failure(build, project) == (
            "pyproject.toml: [tool.deferred-imports] has 1 problem\n"
            f'  package: expected a package that the wheel ships, one of "climate", "weather", got "{package}"{hint}\n'
        )


def test_a_package_that_version_control_ignores(build: Build, make_project: MakeProject) -> None:
    """A package whose every file is ignored is none that the wheel ships."""
    files = sources("src/weather/__init__.py") | {".gitignore": "weather/\n"}
    assert failure(build, make_project(files, table=TABLE)) == (
        "pyproject.toml: [tool.deferred-imports] has 1 problem\n"
        "  package: expected an import package, a directory with __init__.py, for the registry, "
        "got a wheel that ships no module at all\n"
    )


def test_a_module_without_a_package(build: Build, make_project: MakeProject) -> None:
    """A project of one file has no place for a registry, and is told what it takes."""
    assert failure(build, make_project(sources("weather.py"), table=TABLE)) == (
        "pyproject.toml: [tool.deferred-imports] has 1 problem\n"
        "  package: expected an import package, a directory with __init__.py, for the registry, "
        'got a wheel that ships only "weather"\n'
    )


@pytest.mark.parametrize("target", ["wheel", "editable"])
@pytest.mark.parametrize("selection", ["", 'exclude = ["_deferred.py"]'])
def test_a_file_written_by_hand(build: Build, make_project: MakeProject, target: str, selection: str) -> None:
    """A file that we did not write is neither overwritten nor replaced in the wheel; the build fails."""
    files = sources("src/weather/__init__.py") | {"src/weather/_deferred.py": OWN}
    project = make_project(files, table=f"{TABLE}{WHEEL}{selection}")
    assert failure(build, project, target=target) == (
        "pyproject.toml: [tool.deferred-imports] has 1 problem\n"
        '  registry: "src/weather/_deferred.py" was not generated by deferred-imports and is not overwritten; '
        "rename it, or set registry to another name\n"
    )
    assert (project / "src/weather/_deferred.py").read_text() == OWN


def test_a_file_written_by_hand_that_is_moved_to_the_place(build: Build, make_project: MakeProject) -> None:
    """A file that another folder contributes to the package under the same name is not replaced either."""
    files = sources("src/weather/__init__.py") | {"more/_deferred.py": OWN}
    selection = 'only-include = ["src/weather", "more"]\nsources = { "src" = "", "more" = "weather" }\n'
    assert '"weather/_deferred.py" in the wheel was not generated' in failure(
        build, make_project(files, table=TABLE + WHEEL + selection)
    )


def test_a_stale_registry(build: Build, make_project: MakeProject) -> None:
    """The wheel has what the table says, not what an old build left in the tree, which stays as it is."""
    files = sources("src/weather/__init__.py") | {"src/weather/_deferred.py": STALE}
    project = make_project(files, table=TABLE)
    wheel = build("hatchling", project).wheel
    text = read_from(wheel, "_deferred.py")
    assert (
        wheel.read_bytes()
        == build("hatchling", make_project({**files, "src/weather/_deferred.py": text}, table=TABLE)).wheel.read_bytes()
    )
    del files["src/weather/_deferred.py"]
    assert wheel.read_bytes() == build("hatchling", make_project(files, table=TABLE)).wheel.read_bytes()
    assert "json" in text
    assert "stale" not in text
    assert (project / "src/weather/_deferred.py").read_text() == STALE


@pytest.mark.parametrize("stale", [False, True], ids=["clean", "stale"])
def test_temporary_files_inside_the_project(build: Build, make_project: MakeProject, *, stale: bool) -> None:
    """With TMPDIR inside the project, as Fedora sets it, the wheel is right, and nothing else gets in."""
    files = sources("src/weather/__init__.py") | ({"src/weather/_deferred.py": STALE} if stale else {})
    project = make_project(files | {".pyproject-builddir/empty": ""}, table=TABLE)
    env = {"TMPDIR": str(project / ".pyproject-builddir")}
    wheel = build("hatchling", project, env=env).wheel
    assert names_in(wheel) == INFO | {"weather/__init__.py", "weather/_deferred.py"}
    assert "stale" not in read_from(wheel, "_deferred.py")
    shipped = names_in(build("hatchling", project, "sdist", env=env).sdist)
    hatchlings = {name for name in shipped if name.endswith(".tar.gz")}  # its own unfinished archive
    assert shipped - hatchlings == {*files, "pyproject.toml", "PKG-INFO", ".pyproject-builddir/empty"}
    assert os.listdir(project / ".pyproject-builddir") == ["empty"]


@pytest.mark.parametrize("target", ["wheel", "sdist"])
def test_a_tree_that_cannot_be_written_to(
    make_project: MakeProject, read_only: Callable[..., CompletedProcess[str]], tmp_path: Path, target: str
) -> None:
    """Wheel and sdist are built from a read-only tree, with and without a stale registry in it."""
    for files in ({}, {"src/weather/_deferred.py": STALE}):
        project = make_project(sources("src/weather/__init__.py") | files, table=TABLE)
        out = tmp_path / f"out-{len(files)}"
        done = read_only(project, sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out))
        assert done.returncode == 0, done.stdout + done.stderr
        (archive,) = out.iterdir()
        if target == "wheel":
            assert names_in(archive) == INFO | {"weather/__init__.py", "weather/_deferred.py"}


@pytest.mark.skipif(shutil.which("git") is None, reason="asks git what a build has changed")
@pytest.mark.parametrize("stale", [False, True], ids=["clean", "stale"])
def test_a_build_leaves_the_tree_as_it_was(build: Build, make_project: MakeProject, home: Path, *, stale: bool) -> None:
    """A wheel is built without a trace in the tree, ignored files included."""
    files = sources("src/weather/__init__.py") | ({"src/weather/_deferred.py": STALE} if stale else {})
    project = make_project(files, table=TABLE)
    env = clean_env(home)
    run(["git", "init", "--quiet"], env=env, cwd=project)
    run(["git", "add", "."], env=env, cwd=project)
    build("hatchling", project)
    status = run(["git", "status", "--porcelain", "--ignored"], env=env, cwd=project).stdout.splitlines()
    assert status == [f"A  {name}" for name in sorted([*files, "pyproject.toml"])]


def test_record_lists_what_is_there(build: Build, make_project: MakeProject) -> None:
    """RECORD has the hash and the size of the registry and of the record in dist-info."""
    wheel = build("hatchling", make_project(sources("src/weather/__init__.py"), table=TABLE)).wheel
    rows = dict(line.split(",", 1) for line in read_from(wheel, "RECORD").splitlines())
    for name in ("weather/_deferred.py", "weather-1.0.dist-info/deferred-imports.json"):
        content = read_from(wheel, name).encode()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        assert rows[name] == f"sha256={digest},{len(content)}"


@pytest.mark.isolated
def test_uninstalling_leaves_nothing(build: Build, make_project: MakeProject, venv: MakeVenv) -> None:
    """Pip installs the wheel with its registry, and removes all of it again."""
    wheel = build("hatchling", make_project(sources("src/weather/__init__.py"), table=TABLE)).wheel
    environment = venv()
    before = {path for path in environment.site_packages.rglob("*") if "__pycache__" not in path.parts}
    environment.install(wheel, with_pip=True)
    code = "import weather._deferred as d; print(d.j.__name__)"
    assert environment.run("python", "-B", "-c", code).stdout == "json\n"
    command = [sys.executable, "-m", "pip", "--python", str(environment.python), "uninstall", "--yes", "weather"]
    run(command, env=environment.env, cwd=environment.path)
    assert {path for path in environment.site_packages.rglob("*") if "__pycache__" not in path.parts} == before


AWKWARD = r"""
imports.j = { module = "json", groups = ['it"s', "back\\slash", "größe", "new\nline", "{brace}", "tri\"\"\"ple"] }
imports.plain = { module = "csv", marker = "sys_platform != 'no\"thing' and os_name != \"it's\"" }
"""


def test_awkward_texts_survive(build: Build, make_project: MakeProject, run_python: RunPython) -> None:
    """Quotes, backslashes, line breaks and letters beyond ASCII come out as they went in."""
    wheel = build("hatchling", make_project(sources("src/weather/__init__.py"), table=AWKWARD)).wheel
    code = "import weather._deferred as d; print(ascii(list(d.__deferred_imports__['groups'])), d.plain.__name__)"
    groups = ['it"s', "back\\slash", "größe", "new\nline", "{brace}", 'tri"""ple']
    assert run_python(code, path=[wheel], runtime=False).stdout == f"{groups!a} csv\n"


@pytest.mark.parametrize("name", ["j", "größe"])
def test_the_registry_is_a_file_that_any_python_reads(build: Build, make_project: MakeProject, name: str) -> None:
    """The file has LF, a newline at its end, ASCII or a declared encoding, and the grammar of Python 3.8."""
    project = make_project(sources("src/weather/__init__.py"), table=f'imports."{name}" = "json"')
    wheel = build("hatchling", project).wheel
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read("weather/_deferred.py")
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert content.isascii() or b"coding: utf-8" in content.splitlines()[1]
    ast.parse(content, feature_version=(3, 8))
