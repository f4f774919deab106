"""`check --startup --lock`, `--max-modules` and every format, on a project whose dependency is upgraded under it."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import fastjsonschema
import pytest

from builds import Build, MakeProject
from deferred_imports.tooling.check import report
from goldens import CASES, compare
from manuals import write
from processes import RunPython

FOLDER = CASES / "check" / "lock"
RUN = "import sys; sys.argv[0] = 'x'; from deferred_imports.__main__ import main; sys.exit(main())"
PROJECT = """
[project]
name = "shop"
version = "3"
dependencies = ["pricing"]
scripts.shop = "shop.cli:main"
"""
SHOP = {
    "pyproject.toml": PROJECT,
    "src/shop/__init__.py": "",
    "src/shop/cli.py": "import colorsys\n\nimport pricing\n\n\ndef main():\n    return pricing.total and None\n",
}
# The second version of a dependency imports more, a dependency of its own among it, and something less.
PRICING = {
    "1.0": {"__init__.py": "from pricing import rounding\n\ntotal = 0\n", "rounding.py": ""},
    "2.0": {
        "__init__.py": "from pricing import taxes\n\ntotal = 0\n",
        "taxes.py": "import taxtable\nfrom pricing import dates\n",
        "dates.py": "import keyword\n",
    },
}


@dataclass(frozen=True)
class Shop:
    """The project, which has no table and needs none, beside the directory that its dependencies are installed in."""

    root: Path
    site: Path
    build: Build
    run_python: RunPython

    def install(self, name: str, version: str, files: Mapping[str, str]) -> None:
        """Build a distribution, and unpack its wheel as an installer does."""
        about = f'[project]\nname = "{name}"\nversion = "{version}"\n'
        backend = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        root = self.site.parent / f"{name}-{version}"
        write(root, {"pyproject.toml": about + backend, **{f"src/{name}/{file}": text for file, text in files.items()}})
        with zipfile.ZipFile(self.build("hatchling", root).wheel) as wheel:
            wheel.extractall(self.site)

    def upgrade(self) -> None:
        """Install the second version of the dependency instead of the first."""
        shutil.rmtree(self.site)
        self.install("taxtable", "0.1", {"__init__.py": ""})
        self.install("pricing", "2.0", PRICING["2.0"])

    def check(self, *options: str, program: str = "shop --help") -> "subprocess.CompletedProcess[str]":
        """Run the command in the project."""
        arguments = ["check", "--startup", program, *options]
        own = [Path(str(spec.origin)).parents[1] for spec in (find_spec("packaging"),) if spec]
        return self.run_python(RUN, *arguments, path=[self.site, *own], cwd=self.root, check=False)


@pytest.fixture
def shop(tmp_path: Path, build: Build, run_python: RunPython) -> Shop:
    """The project, with the first version of its dependency."""
    made = Shop(write(tmp_path / "shop", SHOP), tmp_path / "site-packages", build, run_python)
    made.install("pricing", "1.0", PRICING["1.0"])
    return made


def shown(text: str) -> str:
    """Return output without what differs from one Python to the next."""
    text = text.replace(f"{sys.version_info[0]}.{sys.version_info[1]}", "3.X").replace(sys.platform, "PLATFORM")
    return re.sub(r"[^\s\"]*site-packages/", "site-packages/", text.replace(sys.executable, "python"))


def test_the_file(shop: Shop) -> None:
    """`--update` writes the lock; a start that loads what it says has no problem; a second update changes nothing."""
    done = shop.check("--lock", "--update")
    assert (done.returncode, done.stdout) == (0, "no problems\n")
    assert done.stderr.endswith("wrote deferred-imports.lock\n")
    text = (shop.root / "deferred-imports.lock").read_text("utf-8")
    compare(shown(text), FOLDER / "deferred-imports.lock")

    assert shop.check("--lock").stdout == "no problems\n"
    assert shop.check("--lock", "--update").returncode == 0
    assert (shop.root / "deferred-imports.lock").read_text("utf-8") == text


@pytest.mark.parametrize("form", ["text", "github", "json", "sarif"])
def test_an_upgrade(form: str, shop: Shop) -> None:
    """A dependency that loads more after an upgrade fails, with who brought what, and which version that is."""
    shop.check("--lock", "--update")
    shop.upgrade()

    done = shop.check("--lock", "--max-modules", "3", "--format", form)
    assert done.returncode == 1
    compare(shown(done.stdout), FOLDER / f"upgrade.{form}.txt")


def test_the_json_is_as_its_schema_says(shop: Shop) -> None:
    """What `--format json` prints is valid by the schema that lies beside the code, and has all that stands there."""
    shop.check("--lock", "--update")
    shop.upgrade()
    printed = json.loads(shop.check("--lock", "--format", "json").stdout)
    schema = json.loads(Path(report.__file__).with_name("findings.schema.json").read_text("utf-8"))

    fastjsonschema.compile(schema)(printed)
    assert {key for finding in printed["findings"] for key in finding} == set(
        schema["properties"]["findings"]["items"]["properties"]
    )
    broken = {**printed, "findings": [{**printed["findings"][0], "line": 0}]}
    with pytest.raises(fastjsonschema.JsonSchemaException):
        fastjsonschema.compile(schema)(broken)


def test_without_a_section(shop: Shop) -> None:
    """A program that the lock does not know fails, and an update keeps the sections of the others."""
    shop.check("--lock", "--update")
    done = shop.check("--lock", program="shop.cli")
    assert done.returncode == 1
    compare(shown(done.stdout), FOLDER / "not-locked.txt")

    shop.check("--lock", "--update", program="shop.cli")
    assert shop.check("--lock", program="shop.cli").returncode == 0
    assert shop.check("--lock").returncode == 0


def test_a_lock_from_another_platform(shop: Shop) -> None:
    """On a platform that the section does not name there is a note, and no failure."""
    shop.check("--lock", "--update")
    lock = shop.root / "deferred-imports.lock"
    lock.write_text(lock.read_text("utf-8").replace(f"on {sys.platform}", "on amiga"), encoding="utf-8")
    done = shop.check("--lock")

    assert done.returncode == 0
    compare(shown(done.stdout), FOLDER / "other-platform.txt")


def test_a_lock_that_cannot_be_read(shop: Shop) -> None:
    """What is wrong in a lock is told by line, and no update writes over it."""
    (shop.root / "deferred-imports.lock").write_text("format 1\nwhat\n", encoding="utf-8")
    for options in (["--lock"], ["--lock", "--update"]):
        done = shop.check(*options)
        said = "expected a section such as \"[weather --help] python 3.11 on linux\", got 'what'"
        assert (done.returncode, done.stderr.splitlines()[-1]) == (
            2,
            f"deferred-imports: deferred-imports.lock: line 2: {said}",
        )
    assert (shop.root / "deferred-imports.lock").read_text("utf-8") == "format 1\nwhat\n"


def test_a_start_that_fails_is_locked_by_nothing(shop: Shop) -> None:
    """A start that fails is a finding, and the lock stays as it was."""
    (shop.root / "src" / "shop" / "cli.py").write_text("import nowhere\n", encoding="utf-8")
    done = shop.check("--lock", "--update")

    assert done.returncode == 1
    assert "[startup-failed]" in done.stdout
    assert not (shop.root / "deferred-imports.lock").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["check", "--lock"], "--lock needs --startup"),
        (["check", "--max-ms", "5"], "--max-ms needs --startup"),
        (["check", "--startup", "shop", "--update"], "--update needs --lock"),
    ],
)
def test_options_that_need_another(options: list[str], said: str, shop: Shop) -> None:
    """An option that says nothing by itself is refused with what it goes with."""
    done = shop.run_python(RUN, *options, cwd=shop.root, check=False)
    assert (done.returncode, done.stderr) == (2, f"deferred-imports: {said}\n")


def test_a_project_without_a_lock_is_checked_as_before(make_project: MakeProject, run_python: RunPython) -> None:
    """With a limit, a table is still obeyed: what it defers must not be loaded either."""
    files = {"src/weather/__init__.py": "", "src/weather/cli.py": "import colorsys\n"}
    project = make_project(files, table='imports.cs = "colorsys"')
    run_python(RUN, "generate", cwd=project)
    done = run_python(RUN, "check", "--startup", "weather.cli", "--max-modules", "500", cwd=project, check=False)

    assert done.returncode == 1
    assert "[loaded-at-startup]" in done.stdout
