"""Where an editable wheel leads to."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from deferred_imports.tooling.bake.editable import modules_behind
from deferred_imports.tooling.bake.wheel import Wheel

INFO = {
    "app-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
    "app-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: app\nVersion: 1\n",
}


def wheel(root: Path, files: Mapping[str, str]) -> Wheel:
    path = root / "app-1-py3-none-any.whl"
    members = {**files, **INFO}
    digests = {name: urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=") for name, text in members.items()}
    lines = [f"{name},sha256={digest.decode()},{len(members[name])}\n" for name, digest in digests.items()]
    with ZipFile(path, "w") as archive:
        for name, text in {
            **members,
            "app-1.dist-info/RECORD": "".join([*lines, "app-1.dist-info/RECORD,,\n"]),
        }.items():
            archive.writestr(name, text)
    return Wheel(path)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with a package in `lib`."""
    package = tmp_path / "project" / "lib" / "app"
    package.mkdir(parents=True)
    for name in ("__init__.py", "cli.py"):
        (package / name).touch()
    return tmp_path / "project"


def test_a_pth_file_names_source_roots(tree: Path, tmp_path: Path) -> None:
    """Lines with directories count; comments and imports do not."""
    lines = f"# {tree}\nimport nothing\n{tree / 'lib'}\n"
    found = modules_behind(wheel(tmp_path, {"app.pth": lines}), tree, {})
    assert found == {"app": tree / "lib/app/__init__.py", "app.cli": tree / "lib/app/cli.py"}


def test_a_finder_names_modules(tree: Path, tmp_path: Path) -> None:
    """A dictionary of names and places counts, a package with all below it; nothing of the finder is run."""
    code = (
        f"raise SystemExit\nMAPPING = {{'app': {str(tree / 'lib/app')!r}, 'one': {str(tree / 'lib/app/cli.py')!r}}}\n"
    )
    found = modules_behind(wheel(tmp_path, {"__finder.py": code}), tree, {})
    assert found["one"] == found["app.cli"] == tree / "lib/app/cli.py"
    assert found["app"] == tree / "lib/app/__init__.py"


def test_a_wheel_that_does_not_tell(tree: Path, tmp_path: Path) -> None:
    """Then it is what the tree holds; what the wheel holds itself comes first."""
    (tree / "lib").rename(tree / "src")
    found = modules_behind(wheel(tmp_path, {"own.py": "not python ("}), tree, {})
    assert {*found} == {"app", "app.cli", "own"}
    assert found["own"] == Path("own.py")
