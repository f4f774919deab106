"""From lazy-loader to exports: what is converted offers the same, and what stays has its reason."""

import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.init.lazy_loader import InconvertibleError, convert_init
from goldens import CASES, unpack
from processes import RunPython

ATTACH = "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach"


@pytest.mark.parametrize(
    ("source", "stub", "why"),
    [
        (f"{ATTACH}(__name__, names())\n", None, "line 2 computes what it offers"),
        (f"{ATTACH}(__name__, ['a'])\n__all__ += ['b']\n", None, "line 3 goes on with __all__"),
        (f"{ATTACH}(__name__, ['a']); x = 1\n", None, "another statement stands on line 2"),
        (f"{ATTACH}(__name__, [], {{'a': ['__version__']}})\n", None, 'it offers "__version__", which the table'),
        (f"{ATTACH}(__name__, [])\na = lazy.attach(__name__, [])\n", None, "line 3 calls lazy_loader once more"),
        (f"{ATTACH}(__name__, [], ['a'])\n", None, "line 2 offers names in a way that lazy-loader does not know"),
        (f"{ATTACH}_stub(__name__, __file__)\n", None, "there is no stub beside it"),
        (f"{ATTACH}_stub(__name__, __file__)\n", "from .a import *\n", "line 1 of its stub imports all of a module"),
        (f"{ATTACH}_stub(__name__, __file__)\n", "from . import a as b\n", "line 1 of its stub gives a submodule"),
        (f"{ATTACH}_stub(__name__, __file__)\n", "def\n", "its stub: "),
        (f"{ATTACH}(\n", None, ""),
    ],
)
def test_what_only_its_author_can_convert(source: str, stub: str | None, why: str) -> None:
    """What is computed, used further, or beyond the table stays, and the reason names the line."""
    with pytest.raises(InconvertibleError) as caught:
        convert_init(source.encode(), stub and stub.encode(), "app", "app", "_deferred")  # type: ignore[arg-type]  # None
    assert str(caught.value).startswith(why)


@pytest.mark.parametrize("source", ["", "# lazy_loader\n", "import lazy_loader\nnp = lazy_loader.load('numpy')\n"])
def test_what_lazy_loader_does_not_serve(source: str) -> None:
    """A package that does not attach is left alone, also where it loads by that library."""
    assert convert_init(source.encode(), None, "app", "app", "_deferred") is None


def test_only_the_lines_of_the_call_change() -> None:
    """Line ends, encoding and all other lines stay as they are."""
    source = '"""Größe."""\r\nimport lazy_loader as lazy\r\n\r\nx = 1  \r\n'
    source += '__getattr__, *_ = lazy.attach(__name__, ["a"])\r\n'
    found = convert_init(source.encode(), None, "app.sub", "app", "_deferred")
    assert found is not None
    expected = '"""Größe."""\r\nfrom .._deferred import attach\r\n\r\nx = 1  \r\nattach(globals())\r\n'
    assert found.text == expected


def test_the_converted_packages_offer_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_python: RunPython
) -> None:
    """After `init` and `generate` each name of the case is what lazy-loader would have made of it."""
    monkeypatch.chdir(unpack(CASES / "init" / "lazy-loader.project", tmp_path))
    assert cli.main(["init", "--yes"]) == 0
    assert cli.main(["generate"]) == 0
    code = """
import sys, weather, weather.commands
print([name for name in sys.modules if name.startswith("weather.")])
print(weather.__all__, weather.Forecast, weather.charts.__name__, weather.Report, weather.__version__)
print(weather.commands.__all__, weather.commands.report, weather.commands.other.__name__)
"""
    assert run_python(code, path=[tmp_path / "src"], runtime=False).stdout.splitlines() == [
        "['weather._deferred', 'weather.commands']",
        "['Forecast', 'Heavy', 'Report', 'Wind', 'charts', 'model'] 1 weather.charts 1 1.0",
        "['Report', 'other', 'report'] 1 weather.commands.other",
    ]
    assert "lazy_loader" not in sys.modules
