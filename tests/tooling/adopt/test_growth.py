"""How the work of `adopt` grows with a project (pitfall 33): counted in calls, since time depends on the machine."""

import ast
import gc
import shutil
import sys
from pathlib import Path
from types import FrameType

from deferred_imports.tooling import source
from deferred_imports.tooling.adopt.frontier import all_names
from deferred_imports.tooling.adopt.package import read_package
from deferred_imports.tooling.project.garbage import no_garbage_collection
from deferred_imports.tooling.project.modules import find_modules
from deferred_imports.tooling.scan.doubts import find_doubts
from deferred_imports.tooling.scan.packages import Package
from deferred_imports.tooling.start.copies import Copy
from trees import CHAINED


def calls(root: Path, count: int) -> int:
    """Return how many calls it takes to read a project of so many modules, and to rewrite all of them."""
    (root / "weather").mkdir(parents=True)
    (root / "weather" / "__init__.py").touch()
    for number in range(count):
        text = CHAINED.format(number=number, other=(number + 1) % count)
        (root / "weather" / f"part{number}.py").write_text(text, encoding="utf-8")
    files = find_modules(root, {})
    made = 0

    def note(_: FrameType, event: str, __: object) -> None:
        nonlocal made
        made += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        package = read_package(root, files)
        sources = package.rewritten(all_names(package.plans))
    finally:
        sys.setprofile(before)
    assert len(sources) == count
    return made


def test_syntax_trees_are_let_go(tmp_path: Path) -> None:
    """Of ten thousand files only those trees stay that the shelf holds: none of what tests or other readers parsed.

    No tree waits for a collection, since large projects are read without one.
    """
    (tmp_path / "tests").mkdir()
    for number in range(20):
        (tmp_path / "tests" / f"test_{number}.py").write_text("import weather\n", encoding="utf-8")
    shutil.copytree(next(iter(source.__path__)), tmp_path / "weather")  # code of many kinds
    files = find_modules(tmp_path, {})
    gc.collect()
    known = set(map(id, syntax_trees()))
    with no_garbage_collection():
        find_doubts(Package(("weather",), Copy((tmp_path,)), files, {}, (), None), [])
        package = read_package(tmp_path, files)
        assert package.rewritten(all_names(package.plans))
        trees = {id(tree) for tree in syntax_trees()} - known
    assert trees == {id(package.plan(module).module.tree) for module in files}
    assert len(trees) == len(files) > 15


def syntax_trees() -> list[ast.Module]:
    """Return all that are there, as garbage or not."""
    return [one for one in gc.get_objects() if isinstance(one, ast.Module)]


def test_the_work_is_linear_in_the_modules(tmp_path: Path) -> None:
    """Four times as many modules take no more than four times the calls, and a little."""
    calls(tmp_path / "first", 4)  # what is compiled and cached once
    assert calls(tmp_path / "many", 80) < 4.2 * calls(tmp_path / "few", 20)
