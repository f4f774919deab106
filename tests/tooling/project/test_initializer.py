"""The line at the end of a package's `__init__.py`: where it can stand, what it does there, and where it cannot be."""

from pathlib import Path

import pytest

from deferred_imports.tooling.project.initializer import UnsuitableError, with_import
from deferred_imports.tooling.registry.render import registry_text
from deferred_imports.tooling.table.manifest import Manifest, Shipped, parse_table
from processes import RunPython

LINE = b"from . import _deferred as _deferred"
AFTER_GETATTR = b'__import__("_deferred", globals(), None, (), 1); ' + LINE
STATEMENT = b"""\
try:  # noqa - added by deferred-imports so that applications reach what functions import
    %s
except ImportError as _not_reached:  # what now stands in the place of this package holds no modules
    if _not_reached.__class__.__module__ != "builtins":
        raise
"""

# What an author may have written, and what has to stand between that and the line, and after it.
SUITABLE = {
    "nothing": (b"", b"", b"\n"),
    "docstring": (b'"""Weather."""\n', b"", b"\n"),
    "future": (b"from __future__ import annotations\nx: nonsense = 1\n", b"", b"\n"),
    "no newline": (b"x = 1", b"\n", b"\n"),
    "no newline after others": (b"x = 1\r\ny = 2", b"\r\n", b"\r\n"),
    "Windows": (b"x = 1\r\ny = 2\r\n", b"", b"\r\n"),
    "old Mac": (b"x = 1\ry = 2\r", b"", b"\r"),
    "mixed": (b"x = 1\r\ny = 2\n", b"", b"\n"),
    "comment": (b"x = 1  # the last", b"\n", b"\n"),
    "comment with backslash": (b"x = 1  # the last \\", b"\n", b"\n"),
    "comment with quotes": (b"x = 1  # '''", b"\n", b"\n"),
    "semicolon": (b"x = 1;", b"\n", b"\n"),
    "form feed": (b"x = 1\n\x0c", b"\n", b"\n"),
    "blanks": (b"if True:\n    x = 1\n    ", b"\n", b"\n"),
    "block": (b"if __name__ == '__main__':\n    raise SystemExit(1)\n", b"", b"\n"),
    "block without newline": (b"def main():\n\treturn 1", b"\n", b"\n"),
    "byte order mark": (b"\xef\xbb\xbfx = '\xc3\xa9'\n", b"", b"\n"),
    "only a byte order mark": (b"\xef\xbb\xbf", b"\n", b"\n"),
    "Latin-1": (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", b"", b"\n"),
    "Shift JIS": ("# coding: shift_jis\nx = 1  # 表".encode("shift_jis"), b"\n", b"\n"),  # ends with a byte like "\\"
    "all": (b"__all__ = ['x']\nx = 1\n", b"", b"\n"),
    "deleted": (b"import os, sys\ndel os, sys\n", b"", b"\n"),
    "extended path": (b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n", b"", b"\n"),
    "other module replaced": (b"import sys\nsys.modules['alias_of_it'] = sys.modules[__name__]\n", b"", b"\n"),
    "name used in a function": (b"def f():\n    _deferred = 1\n", b"", b"\n"),
}
# As above, but with something that is asked for names.
ASKED = {
    "answers anything": b"def __getattr__(name):\n    return name\n",
    "raises anything": b"def __getattr__(name):\n    return {}[name]\n",
    "warns": b"import warnings\ndef __getattr__(name):\n    warnings.warn(name)\n    raise AttributeError(name)\n",
    "ends the program": b"def __getattr__(name):\n    raise SystemExit(name)\n",
    "attached": b"def attach():\n    return {}.__getitem__, [].copy\n__getattr__, __dir__ = attach()\n",
    "by its class": (
        b"import sys\nclass Answers(type(sys)):\n    def __getattr__(self, name):\n        return name\n"
        b"sys.modules[__name__].__class__ = Answers\n"
    ),
}
UNSUITABLE = {
    "not Python": (b"def f(:\n", "it is not valid Python, or too new for this one (line 1)"),
    "ends in a string": (b"x = '''\n", "it is not valid Python, or too new for this one (line 1)"),
    "ends in a continuation": (b"x = 1 \\\n", "it is not valid Python, or too new for this one (line 1)"),
    "not valid for another reason": (b"def f(a, a): ...\n", "it is not valid Python"),
    "nested too deeply": (b"x = " + b"-" * 2000 + b"1\n", "it is nested too deeply"),
    "null byte": (b"x = 1\0", "it contains null bytes"),
    "not UTF-8": (b"x = '\xe9'\n", "it is not valid in the encoding that it declares, or in UTF-8"),
    "own name": (b"_deferred = {}\n", 'it uses the name "_deferred" itself; choose another registry'),
    "own function": (b"def _deferred(): ...\n", 'it uses the name "_deferred" itself; choose another registry'),
    "own import": (b"import json as _deferred\n", 'it uses the name "_deferred" itself; choose another registry'),
    "path": (b"__path__ = []\n", "it assigns __name__, __package__, __path__ or __spec__"),
    "import": (b"__import__ = None\n", "it assigns __import__ or globals, which the statement calls"),
    "globals": (b"def globals(): ...\n", "it assigns __import__ or globals, which the statement calls"),
    "name deleted": (b"del __name__\n", "it assigns __name__, __package__, __path__ or __spec__"),
    "path deleted": (b"del __path__\n", "it assigns __name__, __package__, __path__ or __spec__"),
    "replaced": (
        b"import sys\nsys.modules[__name__] = object()\n",
        "it assigns to sys.modules and may replace the package",
    ),
    "replaced by name": (
        b"from sys import modules\ndef f():\n    modules['weather'] = object()\nf()\n",
        "it assigns to sys.modules and may replace the package",
    ),
    "removed": (
        b"import sys\ndel sys.modules[__name__]\n",
        "it assigns to sys.modules and may replace the package",
    ),
}


# As above, but the package is then another one, or none, in ways that no file of it has to show.
REPLACED = {
    "by another module": "from {0}.helper import replace\nreplace(__name__)\n",
    "by update": "import sys, types\nsys.modules.update({{__name__: types.ModuleType(__name__)}})\n",
    "by a method": "import sys, types\nsys.modules.__setitem__(__name__, types.ModuleType(__name__))\n",
    "by an alias": "import sys, types\nm = sys.modules\nm[__name__] = types.ModuleType(__name__)\n",
    "by another name": "from sys import modules as m\nimport types\nm[__name__] = types.ModuleType(__name__)\n",
    "by something else": "import sys\nclass Other:\n    __slots__ = ()\nm = sys.modules\nm[__name__] = Other()\n",
    "without its modules": "globals()['__path__'] = []\n",
}
HELPER = "import sys, types\ndef replace(name):\n    sys.modules[name] = types.ModuleType(name)\n"


def manifest_of(package: str) -> Manifest:
    table = {"discover": True, "package": package, "imports": {"j": "json"}}
    document = {"project": {"name": package}, "tool": {"deferred-imports": table}}
    return parse_table(document, Shipped(frozenset({package}), frozenset({package})))


@pytest.mark.parametrize("case", SUITABLE)
def test_a_statement_is_added(case: str) -> None:
    """All that the author wrote stays, byte for byte and line for line; after it come lines of the same kind."""
    source, before, after = SUITABLE[case]
    statement = (STATEMENT % LINE).replace(b"\n", after)
    assert with_import(source, manifest_of("weather")) == source + before + statement


@pytest.mark.parametrize("case", ASKED)
def test_a_package_that_answers_for_its_names_is_not_asked(case: str) -> None:
    """Where the package has a say in what its attributes are, the registry is imported without asking for it."""
    source = ASKED[case]
    assert with_import(source, manifest_of("weather")) == source + STATEMENT % AFTER_GETATTR


@pytest.mark.parametrize("case", UNSUITABLE)
def test_refused(case: str) -> None:
    """Where the line would be wrong, or could harm the package, the file stays as it is, and the reason is told."""
    source, reason = UNSUITABLE[case]
    with pytest.raises(UnsuitableError) as caught:
        with_import(source, manifest_of("weather"))
    assert str(caught.value) == reason


def test_the_registry_is_imported(tmp_path: Path, run_python: RunPython) -> None:
    """Importing such a package imports its registry, whatever the package is like; so it does where it is vendored."""
    sources = {**{case: source for case, (source, *_) in SUITABLE.items()}, **ASKED}
    packages = [f"pack{number}" for number in range(len(sources))]
    for package, source in zip(packages, sources.values(), strict=True):
        for folder in (tmp_path / package, tmp_path / "vendor" / package):
            folder.mkdir(parents=True)
            (folder / "__init__.py").write_bytes(with_import(source, manifest_of(package)))
            (folder / "_deferred.py").write_text(registry_text(manifest_of(package)), encoding="utf-8")
    code = """
import importlib, sys
for package in sys.argv[1:]:
    module = importlib.import_module(package)
    assert module._deferred is sys.modules[package + "._deferred"], package
    assert module._deferred.__deferred_imports__["project"] == package.rpartition(".")[2]
"""
    names = [*packages, *(f"vendor.{package}" for package in packages)]
    run_python(code, *names, path=[tmp_path], runtime=False, flags=["-W", "error"])


def test_a_package_that_replaces_itself_is_imported(tmp_path: Path, run_python: RunPython) -> None:
    """However a package replaces itself, it can be imported as it could before, also where all is to be eager."""
    packages = [f"pack{number}" for number in range(len(REPLACED))]
    for package, source in zip(packages, REPLACED.values(), strict=True):
        (tmp_path / package).mkdir()
        text = with_import(source.format(package).encode(), manifest_of(package))
        (tmp_path / package / "__init__.py").write_bytes(text)
        (tmp_path / package / "helper.py").write_text(HELPER, encoding="utf-8")
        (tmp_path / package / "_deferred.py").write_text(registry_text(manifest_of(package)), encoding="utf-8")
    code = "import importlib, sys\nfor package in sys.argv[1:]: importlib.import_module(package)"

    run_python(code, *packages, path=[tmp_path], runtime=False, flags=["-W", "error"])
    run_python(code, *packages, path=[tmp_path], env={"PYDEFER_EAGER": "1"})


def test_what_the_registry_raises_is_heard(tmp_path: Path, run_python: RunPython) -> None:
    """What is required and missing ends an eager start, whatever the statement lets pass."""
    table = {"discover": True, "package": "app", "imports": {"gone": {"module": "gone", "distribution": "gone"}}}
    document = {"project": {"name": "app", "dependencies": ["gone"]}, "tool": {"deferred-imports": table}}
    manifest = parse_table(document, Shipped(frozenset({"app"}), frozenset({"app"})))
    (tmp_path / "app").mkdir()
    # As a module without a spec it is not known to be still loading, so that the registry is resolved at once.
    (tmp_path / "app" / "__init__.py").write_bytes(with_import(b"__spec__._initializing = False\n", manifest))
    (tmp_path / "app" / "_deferred.py").write_text(registry_text(manifest), encoding="utf-8")

    done = run_python("import app", path=[tmp_path], env={"PYDEFER_EAGER": "1"}, check=False)
    assert "DeferredImportError: 1 deferred import failed" in done.stderr
