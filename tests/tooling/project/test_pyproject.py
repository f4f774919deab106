"""The file `pyproject.toml`: found, read, and what cannot be read."""

from pathlib import Path

import pytest

from deferred_imports.tooling.project.pyproject import UnreadableError, find_root, has_hook, read_toml
from deferred_imports.tooling.project.tree import load_project
from deferred_imports.tooling.table.problems import ManifestError
from trees import write

TABLE = '[project]\nname = "weather"\n\n[tool.deferred-imports]\nimports.j = "json"\n'


def message(error: pytest.ExceptionInfo[ManifestError]) -> str:
    return str(error.value)


def test_root_is_found_from_below(tmp_path: Path) -> None:
    """The nearest directory with a pyproject.toml is the project, from wherever below it the command is called."""
    write(tmp_path, {"pyproject.toml": "", "inner/pyproject.toml": "", "inner/src/weather/x.py": ""})
    assert find_root(tmp_path / "inner" / "src" / "weather") == (tmp_path / "inner").resolve()
    assert find_root(tmp_path) == tmp_path.resolve()


def test_no_pyproject_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no project, the message says what was looked for, and where."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ManifestError) as error:
        find_root(tmp_path)
    assert message(error) == "pyproject.toml: not found, here or in any directory above; name its directory with -C"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a = 1\nb = \n", "pyproject.toml: not valid TOML: Invalid value (at line 2, column 5)"),
        (b"a = 1\na = 2\n", "pyproject.toml: not valid TOML: Cannot overwrite a value (at line 2, column 6)"),
        (b'a = 1\nb = "\xff"\n', "pyproject.toml: not UTF-8, as TOML must be (at line 2, column 6)"),
        (b"\xff\xfea\x00", "pyproject.toml: not UTF-8, as TOML must be (at line 1, column 1)"),
        (None, "pyproject.toml: cannot be read: No such file or directory"),
    ],
    ids=["no value", "twice", "latin-1", "utf-16", "not there"],
)
def test_unreadable_pyproject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, expected: str
) -> None:
    """A file that is not TOML is told with the line and column, in the words of the parser."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {} if content is None else {"pyproject.toml": content})
    with pytest.raises(ManifestError) as error:
        load_project(tmp_path)
    assert message(error) == expected


def test_pyproject_is_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be opened is told as the operating system says it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(ManifestError) as error:
        read_toml(tmp_path / "pyproject.toml")
    assert message(error).startswith("pyproject.toml: cannot be read: ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"a = {'9' * 5000}\n", "a number in it has thousands of digits"),
        (f"a = {'[' * 5000}{']' * 5000}\n", "its arrays or tables are nested too deeply"),
        (f"a = {'{ a = ' * 3000}1{' }' * 3000}\n", "its arrays or tables are nested too deeply"),
    ],
    ids=["digits", "arrays", "tables"],
)
def test_what_python_refuses_to_read(text: str, reason: str, tmp_path: Path) -> None:
    """What is TOML and more than Python reads is refused with the reason."""
    path = tmp_path / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError, match=f"cannot be read: {reason}"):
        read_toml(path)


@pytest.mark.parametrize(
    ("hatch_file", "expected"),
    [
        ("[build.hooks.deferred-imports]\n", True),
        ("[build.targets.wheel.hooks.deferred-imports]\n", True),
        ("[envs.default]\n", True),  # [tool.hatch.build] stays
        ("[build.targets.wheel]\npackages = ['src/weather']\n", False),  # and is replaced
    ],
)
def test_the_hook_in_hatch_toml(hatch_file: str, *, expected: bool, tmp_path: Path) -> None:
    """What hatch.toml says of the build counts, as hatchling has it: instead of what [tool.hatch] says of it."""
    hook = "[tool.hatch.build.hooks.deferred-imports]\n" if "envs" in hatch_file or not expected else ""
    write(tmp_path, {"src/weather/__init__.py": "", "hatch.toml": hatch_file, "pyproject.toml": f"{TABLE}\n{hook}"})
    assert has_hook(load_project(tmp_path).document) == expected
