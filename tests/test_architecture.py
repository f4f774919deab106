"""Where things live and what may import what, beside the import contracts in pyproject.toml."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from processes import RUNTIME, RunPython
from wheelhouse import ROOT

CORE = RUNTIME / "deferred_imports"
HOOK = ROOT / "hatch_plugin" / "src" / "hatch_deferred_imports"
TOP = {"CHANGELOG.md", "LICENSE", "README.md", "hatch_plugin", "pyproject.toml", "src", "tests"}
# Code would be importable only from here, and settings belong into pyproject.toml, where the others are.
NOT_AT_THE_TOP = ("*.py", "*.cfg", "*.ini", "*requirements*.txt", "Makefile", "*.lock", "*.orig", "*.rej", "*.record")


def python_files(*directories: Path) -> list[Path]:
    """Return our modules below ``directories``; sample projects and golden files are not ours."""
    files = sorted(file for directory in directories for file in directory.rglob("*.py"))
    ours = [file for file in files if not re.search(r"/tests/(cases|projects/[^/]+)/", file.as_posix())]
    assert ours, f"no module below {directories}"
    return ours


def parsed(*directories: Path) -> Iterator[tuple[str, ast.Module]]:
    """Yield the path and the syntax tree of each of our modules below ``directories``."""
    for file in python_files(*directories):
        yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_bytes())


def test_the_top_level_holds_what_people_expect() -> None:
    """The top level has what the design lists, and no code or settings; more documents and folders may come."""
    found = {path.name for path in ROOT.iterdir()}
    assert found >= TOP
    assert [path.name for pattern in NOT_AT_THE_TOP for path in ROOT.glob(pattern)] == []


def test_every_module_says_what_lives_there() -> None:
    """The first statement of each module is its docstring."""
    docstrings = {path: ast.get_docstring(tree) or "" for path, tree in parsed(CORE, HOOK, ROOT / "tests")}
    assert [path for path, text in docstrings.items() if not text] == []


def test_every_test_says_its_promise() -> None:
    """Each test states what it promises."""
    functions = [
        (path, node)
        for path, tree in parsed(ROOT / "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert [f"{path}: {node.name}" for path, node in functions if not ast.get_docstring(node)] == []


def test_only_the_commands_print() -> None:
    """No module prints or knows of standard output but the commands, a door, and what hands the streams to a child."""
    printers = {
        path
        for path, tree in parsed(CORE, HOOK)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == "print")
        or (isinstance(node, ast.Attribute) and node.attr in {"print", "stdout"})
    }
    door = "src/deferred_imports/__main__.py"
    resident = {f"src/deferred_imports/resident/{name}.py" for name in ("__main__", "streams")}
    assert {path for path in printers if not path.startswith("src/deferred_imports/tooling/cli/")} <= {door, *resident}


def test_every_exception_to_a_rule_has_its_reason() -> None:
    """Beside each `noqa` and `type: ignore`, or on the line above it, stands why."""
    exception = re.compile(r"# (?:noqa: [A-Z0-9, ]+|type: ignore\[[a-z-, ]+\])(?P<reason>.*)")
    bare = []
    for file in python_files(CORE, HOOK, ROOT / "tests"):
        above = ""
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            found = exception.search(line)
            if found and not re.search(r"[a-z]{2}", found["reason"]) and not above.lstrip().startswith("#"):
                bare.append(f"{file.relative_to(ROOT).as_posix()}:{number}")
            above = line
    assert bare == []


def test_the_runtime_loads_what_a_bare_interpreter_has(run_python: RunPython) -> None:
    """Importing any run-time module loads our own modules, and nothing that a bare interpreter has not loaded."""
    inner = sorted(
        file.stem for file in CORE.glob("*.py") if file.stem not in {"__init__", "__main__", "pytest_plugin"}
    )
    # What a client of the resident process loads; the server itself may load more.
    thin = "client doubts identity starting wire"
    inner += ["resident", *(f"resident.{name}" for name in thin.split())]
    code = """
import os, sys  # without -S, site has loaded os
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
exec(sys.argv[2])
print(*sorted(name for name in set(sys.modules) - before if name.partition(".")[0] != "deferred_imports"))
"""
    for statement in (
        "from deferred_imports import resolve_now",
        *(f"import deferred_imports.{name}" for name in inner),
    ):
        loaded = run_python(code, str(RUNTIME), statement, flags=["-I", "-S"]).stdout.split()
        assert (statement, loaded) == (statement, [])


def test_the_hook_stands_on_the_core_alone() -> None:
    """The hook imports what bakes, and the rooms below that; never a verb, the command or what starts programs."""
    imported = {
        name
        for _, tree in parsed(HOOK)
        for node in ast.walk(tree)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        if name.partition(".")[0] == "deferred_imports"
    }
    assert imported
    assert {name.split(".")[1] for name in imported} == {"tooling"}
    assert {name.split(".")[2] for name in imported} <= {"bake", "project", "registry", "table"}


def test_each_room_names_the_page_to_read_first() -> None:
    """The docstring of a room says which of its files shows it top to bottom, and that file is there."""
    rooms = [path for path in (CORE / "tooling").iterdir() if (path / "__init__.py").is_file()]
    assert len(rooms) > 10
    for room in rooms:
        text = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
        first = re.search(r"Read `(\w+)` first", text)
        assert (room.name, first and (room / f"{first[1]}.py").is_file()) in {(room.name, True), ("cli", None)}
    # The command's own page is its door.
    assert "def main(" in (CORE / "tooling" / "cli" / "__init__.py").read_text(encoding="utf-8")


# Functions that may share their name, each with the folder or the file that it then stands in, and why.
SAME_NAME = {
    "add_arguments": r"cli/verbs/\w+",  # each verb's parser
    "run": r"cli/verbs/\w+",  # each verb
    "main": r"child/\w+|cli/__init__",  # what a process begins with
    # What the report of each verb says of what was found, written, left out or would change.
    "as_json": r"\w+/report|scan/values",
    **dict.fromkeys(("difference", "left_out", "rows", "summary", "written"), r"\w+/report"),
}

ANY_NAME = ("describe", "load", "modules_of", "parse", "record", "start", "table")


def names_of_the_tooling(kinds: tuple[type[ast.stmt], ...], *, private: bool) -> dict[str, list[str]]:
    """Return the names of definitions at the top of the tooling's modules, with these; of private ones without `_`."""
    found = defaultdict(list)
    for path, tree in parsed(CORE / "tooling"):
        for node in tree.body:
            if isinstance(node, kinds) and (private or not node.name.startswith("_")):  # type: ignore[attr-defined]  # each kind has a name
                found[node.name.lstrip("_")].append(path.partition("/tooling/")[2].removesuffix(".py"))  # type: ignore[attr-defined]  # as above
    assert len(found) > 100
    return found


def test_no_two_classes_of_the_tooling_have_one_name() -> None:
    """A class or type, public or private, is the only one of its name, whatever the room: the name tells it apart."""
    found = names_of_the_tooling((ast.ClassDef,), private=True)
    for path, tree in parsed(CORE / "tooling"):
        types = {
            target.id.lstrip("_")
            for node in ast.walk(tree)
            for target in (node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)])
            if isinstance(target, ast.Name) and target.col_offset == 0 and re.fullmatch("_?[A-Z]+[a-z]\\w*", target.id)
        }
        for name in types:
            found[name].append(path.partition("/tooling/")[2].removesuffix(".py"))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_no_two_functions_of_the_tooling_have_one_name() -> None:
    """A public function is the only one of its name, but for faces that all of a kind have; so is one of any name."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    doubled = {name: places for name, places in names_of_the_tooling(kinds, private=False).items() if len(places) > 1}
    assert doubled.keys() <= SAME_NAME.keys()
    faces = [(name, place) for name, places in doubled.items() for place in places]
    assert [(name, place) for name, place in faces if not re.fullmatch(SAME_NAME[name], place)] == []
    # Words that could mean anything mean one thing, even in private.
    found = names_of_the_tooling(kinds, private=True)
    assert [name for name in ANY_NAME if len(found.get(name, ())) > 1] == []


def test_a_private_function_is_not_called_like_a_public_one_beside_it() -> None:
    """No module of the tools has both `name` and `_name`."""
    for path, tree in parsed(CORE / "tooling", HOOK):
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert (path, {name for name in names if f"_{name}" in names}) == (path, set())


# Files of the tools without a test file of their own, and why.
TESTED_ELSEWHERE = {
    # values, which what reads them fills
    "source/facts": "source/test_imports",
    "source/mentions": "source/test_names",
    "source/usage": "project/test_discover",
    # numbers, which what writes them is held to
    "registry/formats": "registry/test_published",
    # the product itself: it runs in each test of registries
    "registry/template": "registry/test_render",
    # the verb is run whole where its room is tested
    "cli/verbs/adopt": "adopt/test_command",
}
# Of the runtime a test file is about a promise; where that is not the name of a file, here is which one.
PROMISED = {
    "__init__": "test_api_types",
    "__main__": "../tooling/cli/test_main",
    "_entries": "test_listing",
    "_now": "test_resolution",
    "_outstanding": "test_native",
    "_registries": "test_registry",
    "_specs": "test_machinery",
    "_syntax": "test_trees",
    "_variables": "test_eager",
    "_waiting": "test_eager_imports",
    "_workers": "test_threads",
    "backend": "../tooling/bake/test_backend",
}


def test_the_tests_mirror_the_house() -> None:
    """Each file of a room has the test file of its name in the folder of the room's; exceptions have a reason."""
    rooms, tests = CORE / "tooling", ROOT / "tests" / "tooling"
    files = {file.relative_to(rooms).with_suffix("") for file in python_files(rooms) if file.name != "__init__.py"}
    lacking = {
        file.as_posix()
        for file in files
        if file.parts[0] != "child" and not (tests / file.parent / f"test_{file.name}.py").is_file()
    }
    assert lacking <= TESTED_ELSEWHERE.keys()
    assert [test for test in TESTED_ELSEWHERE.values() if not (tests / f"{test}.py").is_file()] == []
    assert {path.name for path in tests.iterdir() if path.is_dir()} >= {file.parts[0] for file in files} - {"child"}


def test_the_tests_of_the_runtime_mirror_it() -> None:
    """Each file of the runtime has a test file of its name, or one of the promise that it keeps."""
    tests = ROOT / "tests" / "runtime"
    names = {file.stem for file in CORE.glob("*.py")}
    assert {name for name in names if not (tests / f"test_{name.lstrip('_')}.py").is_file()} <= PROMISED.keys()
    assert [test for test in PROMISED.values() if not (tests / f"{test}.py").is_file()] == []
