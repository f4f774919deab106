"""The package's real name, where its backend says in which folder packages lie, and no guess where nothing says it."""

from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.project.tree import load_project
from processes import RunPython

PROJECT = '[project]\nname = "atlas"\n'
TABLE = '[tool.deferred-imports.imports]\nminidom = "xml.dom.minidom"\n'
TOLD = {
    "setuptools where": ("lib", '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'),
    "setuptools package-dir": ("lib", '[tool.setuptools]\npackage-dir = {"" = "lib"}\n'),
    "maturin": ("python", '[tool.maturin]\npython-source = "python"\n'),
    "poetry": ("lib", '[tool.poetry]\npackages = [{ include = "atlas", from = "lib" }]\n'),
    "uv": ("code", '[tool.uv.build-backend]\nmodule-root = "code"\n'),
    "scikit-build": ("python", '[tool.scikit-build]\nwheel.packages = ["python/atlas"]\n'),
    "scikit-build mapping": ("python", '[tool.scikit-build.wheel.packages]\natlas = "python/atlas"\n'),
    "pdm": ("lib", '[tool.pdm.build]\npackage-dir = "lib"\n'),
    "hatch": ("lib", '[tool.hatch.build.targets.wheel]\npackages = ["lib/atlas"]\n'),
    "hatch for all targets": ("lib", '[tool.hatch.build]\npackages = ["lib/atlas"]\n'),
    "hatch sources": ("lib", '[tool.hatch.build]\nsources = ["lib"]\n'),
    "hatch sources renamed to nothing": ("lib", '[tool.hatch.build.targets.wheel.sources]\n"lib" = ""\n'),
    "setuptools package": ("lib", '[tool.setuptools]\npackage-dir = { atlas = "lib/atlas" }\n'),
    "setup.py package_dir": ("lib", ""),
    "setup.py find_packages": ("lib", ""),
    "setup.py find_packages where": ("lib", ""),
    "setup.cfg where": ("lib", ""),
    "setup.cfg package_dir": ("lib", ""),
}
CFG = {
    "setup.cfg where": "[options.packages.find]\nwhere = lib\n",
    "setup.cfg package_dir": "[options]\npackage_dir =\n    = lib\n",
}
SETUP = {
    "setup.py package_dir": 'setup(package_dir={"": "lib"}, version=version())\n',
    "setup.py find_packages": 'setuptools.setup(packages=setuptools.find_packages("lib"))\n',
    "setup.py find_packages where": 'setup(packages=find_packages(exclude=["tests"], where="lib"))\n',
}
_BESIDE = '[tool.setuptools]\npackage-dir = { "" = "code", "acme.atlas" = "code/atlas" }\n'
# Directories that are packages under another name, each with what a backend is told.
RENAMED = {
    "setuptools": ("code", "", '[tool.setuptools]\npackage-dir = { "acme.atlas" = "code/atlas" }\n'),
    "setuptools beside others": ("code", "", _BESIDE),
    "setup.cfg": ("code", "[options]\npackage_dir =\n    = code\n    acme.atlas = code/atlas\n", ""),
    "poetry": ("lib", "", '[tool.poetry]\npackages = [{ include = "atlas", from = "lib", to = "acme" }]\n'),
    "poetry in the root": (".", "", '[tool.poetry]\npackages = [{ include = "atlas", to = "acme" }]\n'),
    "hatch": ("lib", "", '[tool.hatch.build.targets.wheel.sources]\n"lib/atlas" = "acme/atlas"\n'),
    "scikit-build": ("py", "", '[tool.scikit-build.wheel.packages]\n"acme/atlas" = "py/atlas"\n'),
}


def lay_out(root: Path, folder: str, settings: str = "", cfg: str = "", setup: str = "") -> Path:
    files = {
        "pyproject.toml": PROJECT + settings + TABLE,
        "setup.cfg": cfg,
        "setup.py": setup,
        f"{folder}/atlas/__init__.py": "from . import _deferred as _deferred\n",
        f"{folder}/atlas/user.py": "from atlas import _deferred\ndef f(): return _deferred.minidom\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("kind", TOLD)
def test_where_the_backend_is_told_to_look(kind: str, tmp_path: Path) -> None:
    """The folder that a backend takes packages from is no part of their names."""
    folder, settings = TOLD[kind]
    project = load_project(lay_out(tmp_path, folder, settings, CFG.get(kind, ""), SETUP.get(kind, "")))
    assert project.manifest.package == "atlas"
    assert project.registry_path == tmp_path / folder / "atlas" / "_deferred.py"


@pytest.mark.parametrize("kind", RENAMED)
def test_where_the_backend_gives_another_name(kind: str, tmp_path: Path) -> None:
    """A directory that a backend puts into the wheel under another name is that package."""
    folder, cfg, settings = RENAMED[kind]
    project = load_project(lay_out(tmp_path, folder, settings, cfg))
    assert project.manifest.package == "acme.atlas"
    assert set(project.modules) == {"acme.atlas", "acme.atlas.user"}
    assert project.registry_path == tmp_path / folder / "atlas" / "_deferred.py"


def test_uses_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_python: RunPython) -> None:
    """What a module of such a package uses is resolved for it."""
    monkeypatch.chdir(lay_out(tmp_path, *TOLD["setuptools where"]))
    assert cli.main(["generate"]) == 0
    code = "import atlas; from deferred_imports import resolve_now; print(resolve_now(importer='atlas.user'))"
    assert run_python(code, path=[tmp_path / "lib"]).stdout.startswith("1 resolved")


@pytest.mark.parametrize("folder", ["lib", "python", "packages"])
def test_what_nothing_tells_is_not_guessed(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a folder may be part of the name or not, the author is asked; the answer is taken."""
    monkeypatch.chdir(lay_out(tmp_path, folder))
    assert cli.main(["generate"]) == 3
    message = (
        f'expected the name of the package in "{folder}/atlas", got none; write package = "atlas", or "{folder}.atlas"'
    )
    assert message in capsys.readouterr().err
    for package in ("atlas", f"{folder}.atlas"):
        text = PROJECT + f'[tool.deferred-imports]\npackage = "{package}"\n' + TABLE
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        assert load_project(tmp_path).manifest.package == package


def test_a_namespace_of_the_project(tmp_path: Path) -> None:
    """A namespace in the root that the project is named after is part of the name (PEP 420)."""
    (tmp_path / "acme" / "geo").mkdir(parents=True)
    (tmp_path / "acme" / "geo" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "acme-geo"\n{TABLE}', encoding="utf-8")
    assert load_project(tmp_path).manifest.package == "acme.geo"
