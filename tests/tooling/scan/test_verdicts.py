"""Verdicts that differ between Pythons, which golden cases therefore cannot hold."""

import sys
from pathlib import Path

import pytest

from deferred_imports.tooling.scan.packages import locate
from deferred_imports.tooling.scan.pipeline import scan
from goldens import write_app


@pytest.mark.parametrize("table", ["", "from ._deferred import __lazy_modules__\n"], ids=["list", "registry"])
def test_a_list_of_lazy_modules_is_what_the_interpreter_makes_of_it(table: str, tmp_path: Path) -> None:
    """`__lazy_modules__` defers from Python 3.15 on, and is nothing but a name before."""
    listed = table or '__lazy_modules__ = ["json"]\n'
    write_app(tmp_path, {"app/cli.py": f"{listed}import json\n\n\ndef use():\n    return json\n"})
    found = {item.judged.module: item.judged.reason.code for item in scan(locate(["app"], tmp_path)).found}
    assert found["json"] == ("native" if sys.version_info >= (3, 15) else "functions")
