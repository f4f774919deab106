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


NEW_SYNTAX = {
    # The value of an alias, a bound and a default are read on demand: by nobody here.
    "type X = json.A": "annotations",
    "class A[T: json.A]: ...": "annotations",
    "def f[T: json.A](x: T): ...": "annotations",
    "type X = json.A\ny: X = 1": "annotations",
    "from app.aliases import Y\ntype X = json.A\ny: Y = 1": "annotations",
    # By somebody here.
    "type X = json.A\ny = X.__value__": "annotation",
    "type X = json.A\ny = list[X]": "annotation",
    "type X = json.A\ntype Y = list[X]\nz = Y.__value__": "annotation",
    "type X = json.A\ndef f(): return X": "annotation",
    "from pydantic import BaseModel\ntype X = json.A\nclass M(BaseModel): x: X": "annotation",
    "from pydantic import BaseModel\nclass M[T: json.A](BaseModel): x: T": "annotation",
    "import app.aliases\ntype Asked = json.A\n": "annotation",  # in the other module
    # In a function it is like everything else in there.
    "def f():\n    type X = json.A\n    return X.__value__": "functions",
    # A parameter of that name is another name.
    "class A[json](list[json]):\n    x = json": "effect",
    "def f[json](x: json) -> json: return json": "effect",
    "type X[json] = list[json]": "effect",
    "class A[T](json.A): ...": "base",
    "type json = int": "rebound",
}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 has brought type parameters (PEP 695)")
@pytest.mark.parametrize("source", NEW_SYNTAX)
def test_type_parameters_and_aliases(source: str, tmp_path: Path) -> None:
    """They are scopes of their own, which are evaluated when somebody asks for what they say."""
    aliases = "from app import cli\ntype Y = int\ndef f(): return cli.Asked.__value__\n"
    write_app(tmp_path, {"app/cli.py": f"import json\n{source}\n", "app/aliases.py": aliases})
    found = {item.judged.module: item.judged.reason.code for item in scan(locate(["app"], tmp_path)).found}
    assert found["json"] == NEW_SYNTAX[source]
