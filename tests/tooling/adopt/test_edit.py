"""The edits of `adopt` on golden cases: what moves, what stays and why, to the byte."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling.adopt.edit import apply
from deferred_imports.tooling.adopt.frontier import all_names
from deferred_imports.tooling.adopt.layout import Style
from deferred_imports.tooling.adopt.package import AdoptedPackage, read_package
from deferred_imports.tooling.adopt.plan import make_plan
from deferred_imports.tooling.project.modules import find_modules
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.project.scripts import references
from goldens import CASES, compare, unpack

PROJECTS = sorted((CASES / "adopt").glob("*.project"))
assert PROJECTS


def package_in(root: Path) -> AdoptedPackage:
    document = read_toml(root / "pyproject.toml") if (root / "pyproject.toml").is_file() else {}
    files = find_modules(root, document)
    called = {module: started_in(path) for module, path in files.items() if path.suffix == ".py"}
    return read_package(root, files, references(document), called=called)


def started_in(path: Path) -> frozenset[int]:
    """Return the first lines of the functions of which a case says that the start calls them."""
    lines = enumerate(path.read_bytes().splitlines(), 1)
    return frozenset(number for number, line in lines if line.endswith(b"the start calls it"))


@pytest.mark.parametrize("case", PROJECTS, ids=lambda case: case.stem)
def test_all_that_can_move_moves_and_the_rest_has_a_reason(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new sources, and a reason for each name that stays, are those of the golden file."""
    root = unpack(case, tmp_path)
    monkeypatch.chdir(root)
    package = package_in(root)
    parts = []
    for module, source in package.rewritten(all_names(package.plans)).items():
        if source != package.files[module].read_bytes():
            parts.append(f"== {package.files[module].relative_to(root).as_posix()}\n{source.decode()}")
    kept = [
        f"{module}:{kept.line}: {kept.name}: {kept} [{kept.reason}]\n"
        for module, plan in package.plans.items()
        for kept in plan.kept
    ]
    kept += [f"{module}:{line}: keeps nothing\n" for module, plan in package.plans.items() for line in plan.useless]
    skipped = [f"{one.path}: {one.message}\n" for one in package.skipped]
    left_out = ["== left out\n", *skipped] if skipped else []
    compare("".join([*parts, "== kept\n", *kept, *left_out]), case.with_suffix(".txt"))


@pytest.mark.parametrize("case", PROJECTS, ids=lambda case: case.stem)
def test_a_second_run_changes_nothing(case: Path, tmp_path: Path) -> None:
    """What was rewritten compiles, and has nothing left that can move."""
    root = unpack(case, tmp_path)
    package = package_in(root)
    for module, source in package.rewritten(all_names(package.plans)).items():
        compile(source, module, "exec", dont_inherit=True)
        package.files[module].write_bytes(source)
    assert all_names(package_in(root).plans) == frozenset()


def as_windows(source: bytes) -> bytes:
    return source.replace(b"\n", b"\r\n")


def as_old_macintosh(source: bytes) -> bytes:
    return source.replace(b"\n", b"\r")


def with_mark(source: bytes) -> bytes:
    return b"\xef\xbb\xbf" + source


def without_last_newline(source: bytes) -> bytes:
    return source.rstrip(b"\n")


def in_latin_1(source: bytes) -> bytes:
    return b"# -*- coding: latin-1 -*-\n# \xe9\n" + source


def with_trailing_spaces(source: bytes) -> bytes:
    return source + b"LAST = 1 \t\n"


def with_other_separators(source: bytes) -> bytes:
    return source + "LAST = '\u2028\x1c\x85'\n".encode()


@pytest.mark.parametrize(
    "change",
    [
        as_windows,
        as_old_macintosh,
        with_mark,
        without_last_newline,
        in_latin_1,
        with_trailing_spaces,
        with_other_separators,
    ],
)
def test_every_byte_outside_of_an_edit_stays(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """A file with other line endings, marks, encodings or ends is edited as the plain one, and stays so (pitfall 1)."""
    for case in PROJECTS:
        root = unpack(case, tmp_path / case.stem)
        package = package_in(root)
        plain = package.rewritten(all_names(package.plans))
        for module in plain:
            path = package.files[module]
            path.write_bytes(change(path.read_bytes()))
        changed = package_in(root).rewritten(all_names(package.plans))
        assert changed == {module: change(source) for module, source in plain.items()}


def test_form_feeds_stay() -> None:
    """A form feed is no line ending, and stays where it is."""
    source = b'"""Doc."""\n\x0c\nimport csv\n\x0c\n\ndef f():\n    return csv\n'
    plan = make_plan(source, "weather.cli", is_package=False)
    assert apply(plan, {"csv"}, Style()) == (b'"""Doc."""\n\x0c\n\x0c\n\ndef f():\n    import csv\n\n    return csv\n')


def test_mixed_line_endings_stay_mixed() -> None:
    """Where line endings are mixed, what is inserted has those that are most frequent, and no other line changes."""
    head, tail = b'"""Doc."""\r\n\n', b"    sys.exit\r\n    return csv\r\n\nsys\n"
    plan = make_plan(head + b"import csv\r\nimport sys\n\r\n\r\ndef f():\n" + tail, "weather.cli", is_package=False)
    after = head + b"import sys\n\r\n\r\ndef f():\n    import csv\r\n\r\n" + tail
    assert apply(plan, {"csv"}, Style()) == after


def test_tabs_stay_tabs() -> None:
    """What is inserted is indented as what follows it."""
    source = b"import csv\n\n\ndef f():\n\treturn csv\n"
    plan = make_plan(source, "weather.cli", is_package=False)
    assert apply(plan, {"csv"}, Style()) == b"def f():\n\timport csv\n\n\treturn csv\n"


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sources of all cases, before and after."""
    before, after = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("after")
    for case in PROJECTS:
        root = unpack(case, before / case.stem)
        shutil.copytree(root, after / case.stem)
        package = package_in(root)
        for module, source in package.rewritten(all_names(package.plans)).items():
            path = package.files[module].relative_to(before)
            (after / path).write_bytes(source)
    return before, after


@pytest.mark.parametrize(
    "tool",
    [
        ["ruff", "format", "--check", "--no-cache"],
        ["ruff", "check", "--extend-select=I001,F401,F811,F821,E402", "--no-cache", "--output-format=concise"],
        ["black", "--check", "--workers=1"],
        ["isort", "--check", "--profile=black", "--project=weather"],
    ],
    ids=lambda tool: " ".join(tool[:2]),
)
def test_formatters_and_linters_have_nothing_to_add(tool: list[str], rewritten: tuple[Path, Path]) -> None:
    """A file that they leave alone before, they leave alone after (pitfall 31)."""
    complaints = []
    for root in rewritten:
        done = subprocess.run(
            [sys.executable, "-m", *tool, "."], cwd=root, capture_output=True, text=True, check=False, timeout=120
        )
        said = (done.stdout + done.stderr).replace(f"{root}/", "")
        complaints.append(set(re.findall(r"[\w/-]+\.py", said)))
    checked = {path.relative_to(rewritten[0]).as_posix() for path in rewritten[0].rglob("*.py")} - complaints[0]
    assert len(checked) > len(PROJECTS)
    assert checked & complaints[1] == set()
