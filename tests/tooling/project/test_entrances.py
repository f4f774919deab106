"""Which modules of a package its start loads at once."""

from pathlib import Path

from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.entrances import loaded, surely_loaded
from deferred_imports.tooling.project.tree import Project, load_project
from goldens import write_app

PROJECT = '[project]\nname = "app"\n{}\n[tool.deferred-imports]\ndiscover = true\n'
FILES = {
    "__init__.py": "import app.always\n",
    "always.py": "",
    "cli.py": "import app.used\n\n\ndef main():\n    import app.late\n",
    "used.py": "try:\n    import app.maybe\nexcept ImportError:\n    pass\n",
    "maybe.py": "",
    "late.py": "import app.later\n",
    "later.py": "",
    "alone.py": "",
}


def project(root: Path, scripts: str) -> Project:
    files = {"pyproject.toml": PROJECT.format(scripts)} | {f"app/{name}": text for name, text in FILES.items()}
    return load_project(write_app(root, files))


def test_what_an_entry_point_loads(tmp_path: Path) -> None:
    """A script loads its module, its packages and what these import; what functions import, and all below, waits."""
    one = project(tmp_path, 'scripts.app = "app.cli:main"')
    at_once, maybe = loaded(one, discover_in(one))
    assert at_once == {"app", "app.always", "app.cli", "app.used", "app.maybe"}
    assert "app.alone" in maybe
    assert "app.late" not in at_once | maybe


def test_without_entry_points_every_module_is_one(tmp_path: Path) -> None:
    """What nobody defers may be loaded first by anybody."""
    one = project(tmp_path, "")
    at_once, maybe = loaded(one, discover_in(one))
    assert at_once == maybe
    assert "app.alone" in at_once


def test_what_is_loaded_for_sure(tmp_path: Path) -> None:
    """Importing the package loads what it imports everywhere, and nothing that its modules may do without."""
    one = project(tmp_path, "")
    assert surely_loaded("app", discover_in(one)) == {"app", "app.always"}
    assert "app.maybe" not in surely_loaded("app.used", discover_in(one))
