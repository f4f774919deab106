"""The same project for every build backend, each as its users lay it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

OURS = "deferred_imports.backend"
_PROJECT = """\
[project]
name = "weather"
version = "1.0"
description = "Weather."
dependencies = ["tomli>=2"]
optional-dependencies.plot = ["matplotlib"]
"""
TABLE = """\
[tool.deferred-imports]
backend = "{backend}"
discover = true

[tool.deferred-imports.imports]
minidom = "xml.dom.minidom"
plt = { module = "matplotlib.pyplot", extra = "plot" }
report = ".commands.report"
"""
# A module that another one uses, and one that only a function imports; the package itself imports neither.
MODULES = {
    "__init__.py": '"""Weather."""\n',
    "cli.py": "def run():\n    import tomli\n    return tomli\n",
    "commands/__init__.py": "",
    "commands/report.py": "from weather import _deferred\n\n\ndef text():\n    return _deferred.minidom.__name__\n",
}


@dataclass(frozen=True)
class Sample:
    """A project as one backend has it.

    Attributes:
        backend: The backend, as PEP 517 names it.
        requires: What brings it.
        place: Where the package lies.
        metadata: What says what the project is, in pyproject.toml.
        files: What else it takes.
    """

    backend: str
    requires: str
    place: str = "src/weather"
    metadata: str = _PROJECT
    files: Mapping[str, str] = field(default_factory=dict)

    def lay_out(self, *, table: str = TABLE, wrapped: bool = True) -> dict[str, str]:
        """Return its files by path; not wrapped, it is the backend's alone."""
        requires = f'["deferred-imports[build]", {self.requires}]' if wrapped else f"[{self.requires}]"
        backend = OURS if wrapped else self.backend
        system = f'[build-system]\nrequires = {requires}\nbuild-backend = "{backend}"\n\n'
        table = table.replace("{backend}", self.backend)
        table = table if wrapped else table.replace(f'backend = "{self.backend}"\n', "")
        modules = {f"{self.place}/{name}": text for name, text in MODULES.items()}
        return {"pyproject.toml": f"{system}{self.metadata}\n{table}", **modules, **self.files}


_SETUPTOOLS = ("setuptools.build_meta", '"setuptools"')
_SETUP_PY = """\
from setuptools import find_packages, setup

setup(
    name="weather",
    version="1.0",
    description="Weather.",
    package_dir={"": "src"},
    packages=find_packages("src"),
    install_requires=["tomli>=2"],
    extras_require={"plot": ["matplotlib"]},
)
"""
_SETUP_CFG = """\
[metadata]
name = weather
version = 1.0
description = Weather.

[options]
package_dir =
    = lib
packages = find:
install_requires =
    tomli>=2

[options.packages.find]
where = lib

[options.extras_require]
plot = matplotlib
"""
_POETRY = """\
[tool.poetry]
name = "weather"
version = "1.0"
description = "Weather."
authors = []

[tool.poetry.dependencies]
python = ">=3.10"
tomli = ">=2"
matplotlib = { version = "*", optional = true }

[tool.poetry.extras]
plot = ["matplotlib"]
"""

SAMPLES = {
    "hatchling": Sample("hatchling.build", '"hatchling"'),
    "setuptools, src": Sample(*_SETUPTOOLS),
    "setuptools, flat": Sample(*_SETUPTOOLS, place="weather"),
    "setuptools, lib": Sample(
        *_SETUPTOOLS, place="lib/weather", metadata=f'{_PROJECT}\n[tool.setuptools.packages.find]\nwhere = ["lib"]\n'
    ),
    "setuptools, setup.py": Sample(*_SETUPTOOLS, metadata="", files={"setup.py": _SETUP_PY}),
    "setuptools, setup.cfg": Sample(*_SETUPTOOLS, place="lib/weather", metadata="", files={"setup.cfg": _SETUP_CFG}),
    "pdm-backend": Sample("pdm.backend", '"pdm-backend"'),
    "poetry-core, [project]": Sample("poetry.core.masonry.api", '"poetry-core"'),
    "poetry-core, [tool.poetry]": Sample("poetry.core.masonry.api", '"poetry-core"', metadata=_POETRY),
    "flit-core": Sample("flit_core.buildapi", '"flit-core"'),
    "uv_build": Sample("uv_build", '"uv-build"'),
}

_CMAKE = """\
cmake_minimum_required(VERSION 3.15)
project(weather LANGUAGES C)
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
python_add_library(_core MODULE core.c WITH_SOABI)
install(TARGETS _core DESTINATION weather)
"""
_MESON = """\
project('weather', 'c', version: '1.0')
py = import('python').find_installation(pure: false)
py.extension_module('_core', 'core.c', install: true, subdir: 'weather')
install_subdir('src/weather', install_dir: py.get_install_dir(pure: false))
"""
_CORE_C = """\
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_core", NULL, -1, NULL};
PyMODINIT_FUNC PyInit__core(void) { return PyModule_Create(&module); }
"""
_CARGO = """\
[package]
name = "weather"
version = "1.0.0"
edition = "2021"

[[bin]]
name = "weather-core"
path = "rust/main.rs"
"""
_MATURIN = """
[tool.maturin]
bindings = "bin"
python-source = "python"
"""

#: Those that compile, and need a compiler and build tools.
COMPILED = {
    "scikit-build-core": Sample(
        "scikit_build_core.build", '"scikit-build-core"', files={"CMakeLists.txt": _CMAKE, "core.c": _CORE_C}
    ),
    "meson-python": Sample("mesonpy", '"meson-python"', files={"meson.build": _MESON, "core.c": _CORE_C}),
    "maturin": Sample(
        "maturin",
        '"maturin"',
        place="python/weather",
        metadata=_PROJECT + _MATURIN,
        files={"Cargo.toml": _CARGO, "rust/main.rs": "fn main() {}\n"},
    ),
}
