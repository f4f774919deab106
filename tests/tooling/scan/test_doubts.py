"""What speaks against imports that could wait."""

from pathlib import Path

from deferred_imports.tooling.scan.doubts import find_doubts
from deferred_imports.tooling.scan.packages import Package
from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import imported
from deferred_imports.tooling.start.timing import measure

FILES = {
    "app": "",
    "app.cli": "import json  # deferred-imports: keep -- so\nimport csv, html\nfrom app import noisy\n"
    "def main(): return json, csv, html, noisy\n",
    "app.noisy": "import codecs\ncodecs.register(print)\n",
}


def package_in(root: Path, keep: tuple[str, ...] = ()) -> Package:
    """Return a package to scan."""
    files = {}
    for name, text in FILES.items():
        files[name] = root / "app" / ("__init__.py" if name == "app" else f"{name[4:]}.py")
        files[name].parent.mkdir(exist_ok=True)
        files[name].write_text(text, encoding="utf-8")
    return Package(("app",), Copy((root,)), files, {}, (), None, keep)


def doubts(package: Package, *, risky: bool = True) -> dict[str, str]:
    """Return what is doubted, with the code and the detail."""
    return {one.bound: f"{one.reason.code} {one.detail}" for one in find_doubts(package, [], risky=risky)}


def test_what_is_kept_and_what_is_risky(tmp_path: Path) -> None:
    """Both by the table and by a comment; what can wait without harm is not among them."""
    package = package_in(tmp_path, keep=("csv",))
    kept = {"csv": "kept (by the table)", "json": "kept (so)"}
    assert doubts(package) == {**kept, "noisy": "registers `codecs.register` in app.noisy:2"}
    assert doubts(package, risky=False) == kept


def test_what_each_start_loads_is_no_risk(tmp_path: Path) -> None:
    """A module that the start loads all the same can do no harm by waiting here; a start that fails tells nothing."""
    package = package_in(tmp_path)
    (tmp_path / "start.py").write_text("import app.noisy, app.cli\n", encoding="utf-8")
    launch = imported("start")
    startup = measure(launch, package.copy)
    assert startup.failure is None
    assert {one.bound for one in find_doubts(package, [(launch, startup)])} == {"json"}
    failing = imported("there_is_no_such")
    assert "noisy" in {one.bound for one in find_doubts(package, [(failing, measure(failing, package.copy))])}
