"""Modules are found as the import system would find them, and none is executed."""

import compileall
import shutil
import sys
import zipfile

import pytest

from worlds import World

# Compares what is found without executing anything with what the import system finds afterwards.
COMPARE = """
import importlib.util, sys
from deferred_imports._finding import find_spec
def described(spec):
    places = spec and spec.submodule_search_locations
    return spec and (spec.name, spec.origin, spec.has_location, None if places is None else list(places))
def compare(*names):
    before = set(sys.modules)
    found = [described(find_spec(name)) for name in names]
    assert set(sys.modules) == before, set(sys.modules) - before
    for name, ours in zip(names, found):
        try:
            theirs = described(importlib.util.find_spec(name))
        except (ModuleNotFoundError, ValueError):
            theirs = None
        if ours != theirs:
            print(name, ours, theirs)
"""


@pytest.fixture
def forest(world: World) -> World:
    """Packages of each kind, one of them in a zip file."""
    world.write(
        {
            "plain.py": "",
            "regular/__init__.py": "",
            "regular/sub/__init__.py": "",
            "regular/sub/mod.py": "",
            "space/one.py": "",
            "space/inner/two.py": "",
            "more/space/three.py": "",
            "more/space/inner/four.py": "",
            "broken/__init__.py": "print('executed')\nraise AssertionError",
            "broken/mod.py": "",
        }
    )
    with zipfile.ZipFile(world.path / "zipped.zip", "w") as archive:
        archive.writestr("inzip/__init__.py", "")
        archive.writestr("inzip/mod.py", "")
        archive.writestr("space/five.py", "")
    return world


def test_every_kind_of_module_is_found_as_importing_finds_it(forest: World) -> None:
    """Sources, packages, namespace packages in several places, zip files, built-in and frozen modules, and nothing."""
    code = (
        COMPARE
        + """
sys.path += ["more", "zipped.zip", "nonsuch"]
compare("plain", "regular", "regular.sub", "regular.sub.mod", "space", "space.one", "space.inner", "space.inner.two",
        "space.three", "space.inner.four", "space.five", "inzip", "inzip.mod", "sys", "_frozen_importlib", "zipimport",
        "os", "os.path", "xml.etree.ElementTree", "collections.abc", "nonsuch", "nonsuch.mod", "plain.mod",
        "regular.nonsuch", "regular.nonsuch.mod", "space.nonsuch", "space.inner.nonsuch", "sys.nonsuch")
import regular.sub, space.inner.two
compare("regular", "regular.sub", "regular.sub.mod", "regular.sub.nonsuch", "space.inner.two", "space.inner.four")
sys.path.insert(0, 3)  # the import system passes over it
print(find_spec("broken.mod").origin.endswith("mod.py"), "broken" in sys.modules)
"""
    )
    assert forest.run(code) == "True False"


def test_the_empty_entry_of_the_path_is_the_current_directory(forest: World) -> None:
    """Also after `os.chdir`, and when that directory has vanished."""
    code = (
        COMPARE
        + """
import os
sys.path[:0] = [""]
compare("three")
os.chdir("more/space")
compare("three")
print(find_spec("three") is not None)
os.mkdir("tmp"); os.chdir("tmp"); os.rmdir("../tmp")
print(find_spec("three"))
"""
    )
    done = forest.start(code)
    if sys.platform == "win32":
        pytest.skip("the current directory cannot vanish there")
    assert (done.stdout.split(), done.stderr) == (["True", "None"], "")


def test_what_is_in_sys_modules_counts(forest: World) -> None:
    """A module that is loaded is there, whatever its name; None there says that there is none."""
    code = (
        COMPARE
        + """
import types
sys.modules["made"] = types.ModuleType("made")
sys.modules["made.inner"] = types.ModuleType("made.inner")
sys.modules["plain"] = sys.modules["regular.sub"] = None
sys.modules["odd"] = object()
print(*(find_spec(name) is not None for name in ("made", "made.inner", "made.other", "odd", "odd.inner")))
print(*(find_spec(name) is not None for name in ("plain", "regular", "regular.sub", "regular.sub.mod")))
"""
    )
    assert forest.run(code).splitlines() == ["True True False True False", "False True False False"]


def test_finders_of_others_are_asked(forest: World) -> None:
    """A finder on the meta path is asked in its turn, with the path of the parent; one of the old kind is not."""
    code = (
        COMPARE
        + """
from importlib.machinery import ModuleSpec
class Old: pass
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "virtual":
            return ModuleSpec(name, None, origin=repr(path), is_package=not name.endswith("mod"))
sys.meta_path[:0] = [Old(), Finder()]
print(find_spec("virtual").origin, find_spec("virtual.sub.mod").origin, find_spec("plain") is not None)
"""
    )
    assert forest.run(code) == "None [] True"


def test_a_module_that_loads_itself_when_it_is_touched_is_not_touched(forest: World) -> None:
    """`importlib.util.LazyLoader` puts modules into `sys.modules` that any look at them would load."""
    code = (
        COMPARE
        + """
spec = importlib.util.find_spec("broken")
spec.loader = importlib.util.LazyLoader(spec.loader)
module = importlib.util.module_from_spec(spec)
sys.modules["broken"] = module
spec.loader.exec_module(module)
from deferred_imports import find_missing, iter_deferred_imports, resolve_now
print(find_spec("broken") is spec, find_spec("broken.mod") is not None, find_spec("broken.nonsuch"))
find_missing(), list(iter_deferred_imports()), resolve_now()
"""
    )
    assert forest.run(code) == "True True None"


@pytest.mark.parametrize("registry", ["_deferred", "_later"])
def test_stray_files_beside_the_registry_disturb_nothing(world: World, registry: str) -> None:
    """A link that leads nowhere, as Emacs leaves one, and a directory that is called like a module are passed over."""
    directory = world.package('imports.js = "wave"', registry=registry)
    (directory / ".#report.py").symlink_to("user@host.1234:99")
    (directory / "folder.py").mkdir()
    code = "import deferred_imports as d; print(d.find_missing('weather'), len(d.resolve_now('weather').resolved))"
    assert world.run(code) == "() 1"


@pytest.mark.parametrize("form", ["zip", "pyc", "pyc in a zip"])
def test_a_registry_of_another_name_is_found_in_any_form(world: World, form: str) -> None:
    """In an archive, and where there is only bytecode."""
    directory = world.package('imports.js = "wave"', registry="_later")
    if form != "zip":
        compileall.compile_dir(directory, quiet=2, legacy=True)
        for file in directory.glob("*.py"):
            file.unlink()
    if form != "pyc":
        with zipfile.ZipFile(world.path / "all.zip", "w") as archive:
            for file in directory.glob("*.py*"):
                archive.write(file, f"weather/{file.name}")
        shutil.rmtree(directory)
    code = "import deferred_imports as d; print(d.find_missing('weather'), len(d.resolve_now('weather').resolved))"
    assert world.run(code, path=[world.path, world.path / "all.zip"]) == "() 1"


def test_a_package_stands_for_all_below_it_before_its_import_too(world: World) -> None:
    """A vendored package's registry is found through its host, imported or not."""
    world.write({"host/__init__.py": "", "host/_vendor/__init__.py": ""})
    world.package('imports.gone = "nonsuch"', package="host._vendor.atlas")
    code = """
        import sys
        from deferred_imports import find_missing, iter_deferred_imports
        print([entry.name for entry in find_missing("host")])
        print([entry.package for entry in iter_deferred_imports("host")], "host" in sys.modules)
        import host._vendor.atlas._deferred
        print([entry.name for entry in find_missing("host")])
    """
    assert world.run(code).splitlines() == ["['gone']", "['host._vendor.atlas'] False", "['gone']"]


def test_what_a_package_adds_to_its_path_is_not_called_missing(world: World) -> None:
    """With `pkgutil.extend_path` a package says itself where its modules are, once it is executed."""
    init = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    world.write({"a/zopey/__init__.py": init, "a/zopey/one.py": "", "b/zopey/__init__.py": init, "b/zopey/two.py": ""})
    world.package('imports = { one = "zopey.one", two = "zopey.two" }')
    code = """
        from deferred_imports import find_missing, resolve_now
        missing = find_missing("weather")
        print(missing, [entry.name for entry in missing.unsure], len(resolve_now("weather").resolved))
    """
    path = [world.path, world.path / "a", world.path / "b"]
    assert world.run(code, path=path) == "() ['two'] 2"


def test_a_finder_that_fails_leaves_the_rest_to_the_others(world: World) -> None:
    """What only it might have found is not known; what others find is there, and what none has is missing."""
    world.package('imports = { js = "wave", gone = "nonsuch", odd = "oddly" }')
    code = """
        import sys
        class Finder:
            def find_spec(self, name, path=None, target=None):
                if name == "oddly":
                    raise ZeroDivisionError
        class Early:
            def find_module(self, name, path=None):
                return None
        sys.meta_path.insert(0, Finder())
        from deferred_imports import find_missing
        missing = find_missing("weather")
        print([entry.name for entry in missing], [entry.name for entry in missing.unsure])
        sys.meta_path.insert(0, Early())
        print([entry.name for entry in find_missing("weather").unsure])
        Finder.find_spec = lambda self, name, path=None, target=None: 1 / 0
        print([entry.name for entry in find_missing("weather").unsure])
    """
    assert world.run(code).splitlines() == ["['gone'] ['odd']", "['gone', 'odd']", "['gone', 'odd']"]


def test_reading_a_registry_starts_nothing(world: World) -> None:
    """To read what a package declares before it is imported obeys no variable."""
    world.package('imports.js = "wave"')
    code = "import sys; from deferred_imports import find_missing; find_missing('weather')\n"
    code += "print({'wave', 'deferred_imports.prefetch'} & {*sys.modules})"
    assert world.run(code, env={"PYDEFER_EAGER": "1", "PYDEFER_PREFETCH": "record"}) == "set()"
