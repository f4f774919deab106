"""`deferred_imports.backend` around real backends: what comes back is their own wheel, and what it lacked."""

import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from builds import Build, MakeProject, names_in
from processes import RunPython
from samples import OURS, SAMPLES, TABLE, Sample

REGISTRY, RECORD = "weather/_deferred.py", "weather-1.0.dist-info/deferred-imports.json"
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}
CALL = """
import sys
from importlib import import_module
backend = import_module(sys.argv[1])
print(getattr(backend, sys.argv[2])(*sys.argv[3:]))
"""


@pytest.fixture
def call(run_python: RunPython, tmp_path: Path) -> "Call":
    """`call(project, "build_wheel")` is the path of the wheel."""
    return Call(run_python, tmp_path)


class Call:
    """Calls a hook as a frontend does: in the project's directory, in a process of its own."""

    def __init__(self, run_python: RunPython, directory: Path) -> None:
        self._run_python = run_python
        self._out = directory / "dist"

    def __call__(self, project: Path, hook: str, *, backend: str = OURS, env: Mapping[str, str] = EPOCH) -> Path:
        """Return the path of what was built."""
        self._out = self._out.with_name(f"{self._out.name}x")
        self._out.mkdir()
        done = self._run_python(CALL, backend, hook, str(self._out), cwd=project, env=env)
        return self._out / done.stdout.splitlines()[-1]

    def failure(self, project: Path, hook: str = "build_wheel") -> str:
        """Return what a hook that fails says."""
        self._out = self._out.with_name(f"{self._out.name}x")
        self._out.mkdir()
        done = self._run_python(CALL, OURS, hook, str(self._out), cwd=project, check=False)
        assert done.returncode == 1
        assert list(self._out.iterdir()) == []
        return done.stderr


ASK = """
import json, sys
from importlib.metadata import distribution
import weather
from deferred_imports import resolve_now, iter_deferred_imports
print(*sorted(name for name in ("weather._deferred", "xml.dom.minidom") if name in sys.modules))
print(*(entry.name or entry.module for entry in iter_deferred_imports()))
print(*(item.entry.module for item in resolve_now(importer="weather.commands.report").resolved))
print(json.loads(distribution("weather").read_text("deferred-imports.json"))["imports"]["plt"]["extra"])
"""
ANSWER = """\
weather._deferred
minidom plt report tomli
xml.dom.minidom
plot
"""


@pytest.mark.parametrize("name", SAMPLES)
def test_a_wheel_of_each_backend(name: str, make_project: MakeProject, call: Call, run_python: RunPython) -> None:
    """To the backend's own wheel come the registry, its record and a line in `__init__.py`; all else is as it was."""
    sample = SAMPLES[name]
    plain = call(make_project(sample.lay_out(wrapped=False)), "build_wheel", backend=sample.backend)
    wheel = call(make_project(sample.lay_out()), "build_wheel")
    assert wheel.name == plain.name
    assert names_in(wheel) - names_in(plain) == {REGISTRY, RECORD}
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(wheel) as after:
        for old in before.infolist():
            new = after.getinfo(old.filename)
            assert (new.date_time, new.external_attr) == (old.date_time, old.external_attr)
            if old.filename == "weather/__init__.py":
                assert after.read(new).startswith(before.read(old) + b"try:  # noqa - added by deferred-imports")
            elif not old.filename.endswith("/RECORD"):
                assert after.read(new) == before.read(old)
        order = [name for name in after.namelist() if name not in {REGISTRY, RECORD}]
        assert order == before.namelist()
    assert run_python(ASK, path=[wheel]).stdout == ANSWER


EDITABLE = f"import site, sys\nsite.addsitedir(sys.argv[1])\n{ASK}"


@pytest.mark.parametrize("name", SAMPLES)
def test_an_editable_wheel_of_each_backend(
    name: str, make_project: MakeProject, call: Call, run_python: RunPython, tmp_path: Path
) -> None:
    """The registry is written into the tree, beside the package's `__init__.py`, and the record into the wheel."""
    sample = SAMPLES[name]
    plain = call(make_project(sample.lay_out(wrapped=False)), "build_editable", backend=sample.backend)
    project = make_project(sample.lay_out())
    wheel = call(project, "build_editable")
    assert {path.relative_to(project).as_posix() for path in project.rglob("_deferred.py")} == {
        f"{sample.place}/_deferred.py"
    }
    assert names_in(wheel) - names_in(plain) == {RECORD}
    assert (project / sample.place / "__init__.py").read_text() == '"""Weather."""\n'
    shutil.unpack_archive(wheel, tmp_path / "site", "zip")
    code = EDITABLE.replace("import weather\n", "import weather, weather._deferred\n")
    assert run_python(code, str(tmp_path / "site")).stdout == ANSWER


def contents(sdist: Path) -> dict[str, bytes]:
    with tarfile.open(sdist) as archive:
        return {member.name: file.read() for member in archive.getmembers() if (file := archive.extractfile(member))}


@pytest.mark.parametrize("name", ["flit-core", "setuptools, src"])
def test_hooks_that_are_passed_through(name: str, make_project: MakeProject, call: Call, run_python: RunPython) -> None:
    """An sdist is the backend's own, file by file; so is what it requires, and which hooks it has."""
    sample = SAMPLES[name]
    files = sample.lay_out()
    ours, its = (
        contents(call(make_project(files), "build_sdist", backend=backend)) for backend in (OURS, sample.backend)
    )
    assert ours == its
    assert [name for name in ours if "_deferred" in name] == []
    code = """
import sys
from importlib import import_module
for backend in map(import_module, sys.argv[1:]):
    for build in ("build_wheel", "build_sdist", "build_editable"):
        print(hasattr(backend, build), getattr(backend, f"get_requires_for_{build}")(None))
"""
    said = [
        run_python(code, backend, cwd=make_project(files)).stdout.split("running egg_info")[0]
        for backend in (OURS, sample.backend)
    ]
    assert said[0] == said[1]


OWN = """\
import sys, zipfile
from pathlib import Path

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    if config_settings:
        raise RuntimeError(f"settings: {sorted(config_settings.items())}")
    import hatchling.build
    return hatchling.build.build_wheel(wheel_directory, config_settings, metadata_directory)

class other:
    @staticmethod
    def build_sdist(sdist_directory, config_settings=None):
        print("the object's", sdist_directory)
        return "none.tar.gz"
"""
OWN_TABLE = TABLE.replace("{backend}", "own").replace(
    "[tool.deferred-imports]\n", '[tool.deferred-imports]\nbackend-path = ["tools"]\n'
)


def own(**changes: str) -> dict[str, str]:
    files = SAMPLES["hatchling"].lay_out(table=OWN_TABLE)
    for old, new in changes.items():
        files["pyproject.toml"] = files["pyproject.toml"].replace(f'"{old}"', f'"{new}"')
    return {**files, "tools/own.py": OWN}


def test_a_backend_of_the_project_itself(make_project: MakeProject, call: Call, run_python: RunPython) -> None:
    """`backend-path` leads to a backend in the tree (PEP 517); hooks that it lacks are lacking."""
    project = make_project(own())
    assert REGISTRY in names_in(call(project, "build_wheel"))
    code = "import deferred_imports.backend as backend; print(*map(hasattr, [backend] * 6, %r))"
    names = [
        "build_sdist",
        "build_editable",
        "get_requires_for_build_wheel",
        "prepare_metadata_for_build_wheel",
        "build_wheel",
        "something",
    ]
    assert run_python(code % names, cwd=project).stdout == "False False False False True False\n"
    named = make_project(own(own="own:other"))
    assert call(named, "build_sdist").name == "none.tar.gz"


def test_settings_and_errors(make_project: MakeProject, run_python: RunPython) -> None:
    """What the frontend sets reaches the backend, and what the backend raises reaches the frontend."""
    code = "import deferred_imports.backend as backend; backend.build_wheel('.', {'jobs': '2'})"
    done = run_python(code, cwd=make_project(own()), check=False)
    assert done.stderr.splitlines()[-1] == "RuntimeError: settings: [('jobs', '2')]"


NOT_INSTALLED = "add the distribution that provides it to requires of [build-system]"
WRONG = {
    "not installed": (
        {"own": "nonsuch.api"},
        f'backend: expected a build backend that is installed, got "nonsuch.api"; {NOT_INSTALLED}',
    ),
    "not in the path": (
        {"own": "flit_core.buildapi"},
        'backend: expected a build backend in "tools", as backend-path says, got "',
    ),
    "path leads out": ({"tools": "../tools"}, 'backend-path[0]: expected a directory of the project, got "../tools"'),
    "no such path": ({"tools": "tols"}, 'backend-path[0]: expected a directory of the project, got "tols"'),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_backend_that_cannot_be_had(case: str, make_project: MakeProject, call: Call) -> None:
    """The message has the key, what was expected there, and what to do; there is no traceback."""
    changes, message = WRONG[case]
    output = call.failure(make_project(own(**changes)))
    assert output.startswith(f"pyproject.toml: [tool.deferred-imports] has 1 problem\n  {message}")
    assert len(output.splitlines()) == 2


def test_a_table_that_is_wrong_for_the_wheel(make_project: MakeProject, call: Call) -> None:
    """What the wheel does not ship is told as the hook tells it, and there is no wheel."""
    files = SAMPLES["flit-core"].lay_out(table=TABLE.replace(".commands.report", ".commands.reprot"))
    assert call.failure(make_project(files)) == (
        "pyproject.toml: [tool.deferred-imports] has 1 problem\n"
        '  imports.report: expected a module of this package that the wheel ships, got ".commands.reprot"; '
        'did you mean ".commands.report"?\n'
    )


def test_what_the_extra_brings(make_project: MakeProject, run_python: RunPython) -> None:
    """Where the user requires deferred-imports without its extra, the message says what to write."""
    code = (
        "import sys; sys.modules['packaging'] = None; import deferred_imports.backend as backend; backend.build_wheel"
    )
    done = run_python(code, cwd=make_project(SAMPLES["flit-core"].lay_out()), check=False)
    assert done.stderr == (
        "pyproject.toml: deferred_imports.backend needs packaging; write deferred-imports[build] in requires of "
        "[build-system]\n"
    )


def test_nothing_is_left(make_project: MakeProject, call: Call) -> None:
    """A wheel leaves nothing in the source tree, and is the same a second time, in another directory."""
    files = SAMPLES["flit-core"].lay_out()
    projects = [make_project(files), make_project(files)]
    wheels = [call(project, "build_wheel", env={**EPOCH, "PYTHONHASHSEED": "1"}) for project in projects]
    wheels.append(call(projects[0], "build_wheel"))
    assert {wheel.read_bytes() for wheel in wheels} == {wheels[0].read_bytes()}
    for project in projects:
        assert {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()} == set(files)


FRONTENDS = {"build": ["--skip-dependency-check"], "pip": [], "uv": ["--no-create-gitignore"]}


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_frontends(frontend: str, build: Build, make_project: MakeProject, call: Call) -> None:
    """Every frontend gets the wheel that the hook returns when it is called."""
    project = make_project(SAMPLES["flit-core"].lay_out())
    built = build(frontend, project, "wheel", *FRONTENDS[frontend], isolated=False, env=EPOCH)
    assert built.wheel.read_bytes() == call(project, "build_wheel").read_bytes()


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_frontends_show_what_is_wrong(frontend: str, build: Build, make_project: MakeProject) -> None:
    """Every frontend shows the message as it is, with no traceback of ours around it."""
    files = SAMPLES["flit-core"].lay_out(table=TABLE.replace("xml.dom.minidom", "nonsuch"))
    built = build(frontend, make_project(files), "wheel", *FRONTENDS[frontend], isolated=False, check=False)
    assert built.returncode != 0
    assert "imports.minidom: expected a module of the standard library" in built.output
    assert "deferred_imports/tooling" not in built.output


def test_metadata_is_that_of_the_wheel(make_project: MakeProject, call: Call, run_python: RunPython) -> None:
    """A frontend that asks for metadata first gets the wheel's dist-info, the record with it."""
    project = make_project(SAMPLES["flit-core"].lay_out())
    code = """
import sys
from pyproject_hooks import BuildBackendHookCaller
hooks = BuildBackendHookCaller(".", "deferred_imports.backend")
name = hooks.prepare_metadata_for_build_wheel(sys.argv[1])
wheel = hooks.build_wheel(f"{sys.argv[1]}/..", metadata_directory=f"{sys.argv[1]}/{name}")
print(wheel)
"""
    out = call(project, "build_wheel").parent / "metadata"
    out.mkdir()
    wheel = out.parent / run_python(code, str(out), cwd=project, env=EPOCH).stdout.splitlines()[-1]
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".dist-info/" in name:
                assert (out / name).read_bytes() == archive.read(name)
    assert (out / RECORD).is_file()


def test_hook_backend_and_command_make_the_same_wheel(
    build: Build, make_project: MakeProject, call: Call, run_python: RunPython
) -> None:
    """Of one project the hook, the wrapped hatchling, and `bake` after hatchling alone make the same bytes."""
    sample = SAMPLES["hatchling"]
    plain = sample.lay_out(wrapped=False)
    hooked = {**plain, "pyproject.toml": plain["pyproject.toml"] + "\n[tool.hatch.build.hooks.deferred-imports]\n"}
    hook = build("hatchling", make_project(hooked), env=EPOCH).wheel
    backend = call(make_project(sample.lay_out()), "build_wheel")
    project = make_project(plain)
    baked = call(project, "build_wheel", backend=sample.backend)
    assert REGISTRY not in names_in(baked)
    run_python("from deferred_imports.__main__ import main; main()", "bake", str(baked), cwd=project)
    assert REGISTRY in names_in(baked)
    assert hook.read_bytes() == backend.read_bytes() == baked.read_bytes()


RENAMED = """\
from setuptools import setup

setup(name="weather", version="1.0", packages=["weather"], package_dir={"weather": "code/wx"})
"""
STRICT = """
import deferred_imports.backend as backend, sys
print(backend.build_editable(sys.argv[1], {"editable_mode": "strict"}))
"""
PLAIN = 'backend = "setuptools.build_meta"\n\n[tool.deferred-imports.imports]\nminidom = "xml.dom.minidom"\n'
WHERE = """
import site, sys
site.addsitedir(sys.argv[1])
import weather._deferred as d
print(d.__file__, d.minidom.__name__)
"""


@pytest.mark.parametrize("way", ["finder", "path"])
def test_where_an_editable_install_leads(
    way: str, make_project: MakeProject, run_python: RunPython, tmp_path: Path
) -> None:
    """The registry goes where Python will look for it: a finder or a path in the wheel says that, not the tree."""
    sample = Sample("setuptools.build_meta", '"setuptools"', metadata="", files={"setup.py": RENAMED})
    files = {**sample.lay_out(table=f"[tool.deferred-imports]\n{PLAIN}"), "code/wx/__init__.py": ""}
    if way == "path":
        files = {name: text.replace("code/wx", "src/weather") for name, text in files.items()}
    project = make_project({name: text for name, text in files.items() if way == "path" or "src/" not in name})
    code = STRICT if way == "path" else STRICT.replace("strict", "lenient")
    name = run_python(code, str(tmp_path), cwd=project).stdout.splitlines()[-1]
    shutil.unpack_archive(tmp_path / name, tmp_path / "site", "zip")
    linked = project / "build" / "__editable__.weather-1.0-py3-none-any" / "weather"
    place = linked if way == "path" else project / "code" / "wx"
    done = run_python(WHERE, str(tmp_path / "site"))
    assert done.stdout == f"{place / '_deferred.py'} xml.dom.minidom\n"
