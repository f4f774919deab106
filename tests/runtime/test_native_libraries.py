"""Real libraries, all of whose imports are lazy (`set_lazy_imports("all")`): `resolve_now` leaves none outstanding."""

import sys
from pathlib import Path

import pytest

from indexed import install
from processes import RunPython

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(sys.version_info < (3, 15), reason="native lazy imports came with Python 3.15"),
]

# What to install, what to import of it, and a use of it that shows that it works afterwards.
LIBRARIES = {
    "attrs==26.1.0": ("attr, attrs", "attrs.make_class('Point', ['x'])(1).x"),
    "click==8.5.1": ("click, click.testing", "click.testing.CliRunner().invoke(click.Command('x')).exit_code"),
    "flask==3.1.3": ("flask", "flask.Flask('x').test_client().get('/').status_code"),
    "httpx==0.28.1": ("httpx", "httpx.Request('GET', 'http://localhost/x').url.path"),
    "jinja2==3.1.6": ("jinja2", "jinja2.Template('{{ 6 * 7 }}').render()"),
    "networkx==3.7": ("networkx", "networkx.shortest_path(networkx.path_graph(4), 0, 3)"),
    "packaging==26.3": ("packaging.requirements", "packaging.requirements.Requirement('x[y]>=1').specifier"),
    "pydantic==2.14.3": ("pydantic", "pydantic.TypeAdapter(list[int]).validate_python(['1'])"),
    "requests==2.34.2": ("requests", "requests.Request('GET', 'http://localhost/x').prepare().path_url"),
    "rich==15.0.0": ("rich, rich.markdown, rich.progress, rich.table", "rich.table.Table().row_count"),
}
CODE = """
import sys
sys.set_lazy_imports("all")
import {modules}
from deferred_imports import resolve_now

def outstanding():
    lazy = __import__("types").LazyImportType
    for name, module in sys.modules.copy().items():
        for key, value in getattr(module, "__dict__", {{}}).copy().items():
            if type(value) is lazy:
                yield f"{{name}}.{{key}}"

before = len(list(outstanding()))
resolution = resolve_now(native="all")
print(*resolution.missing, *resolution.broken, *outstanding(), sep="\\n")
print(len(resolution.resolved) > before > 0, resolve_now(native="all").resolved)
print({use})
"""


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has them, from whatever index the machine is set up for."""
    return install(tmp_path_factory.mktemp("libraries") / "venv", *LIBRARIES)


@pytest.mark.parametrize("library", LIBRARIES)
def test_none_is_left_outstanding(library: str, libraries: Path, run_python: RunPython) -> None:
    """No proxy in any module, nothing missing or broken, nothing left for a second call; and the library works."""
    modules, use = LIBRARIES[library]
    lines = run_python(CODE.format(modules=modules, use=use), python=libraries).stdout.splitlines()
    assert lines[:2] == ["", "True []"]
    assert len(lines) == 3
