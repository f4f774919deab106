"""The sources of other distributions: found without importing anything, read when asked for, within bounds."""

import sys
from pathlib import Path

import pytest

from deferred_imports.tooling.scan import foreign
from deferred_imports.tooling.scan.foreign import KnownModules
from scanning import install, sources_of

FILES = {
    "abroad_kit/__init__.py": "raise SystemExit('imported')\n",
    "abroad_kit/part.py": "def f(): ...\n",
    "abroad_kit/broken.py": "def f(:\n",
}


@pytest.fixture(name="site")
def _site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of installed modules."""
    install(tmp_path / "site", FILES)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return tmp_path / "site"


@pytest.mark.usefixtures("site")
def test_modules_are_found_and_nothing_is_imported(tmp_path: Path) -> None:
    """A module of another distribution is read by its name, and neither it nor its package runs."""
    sources, _ = sources_of({"app": "import abroad_kit.part\n"}, tmp_path)
    assert set(sources["abroad_kit.part"].names.functions) == {"f"}
    assert sources.is_package("abroad_kit")
    assert not sources.is_package("abroad_kit.part")
    assert list(sources) == ["app"]
    assert not any(name.startswith("abroad_kit") for name in sys.modules)


@pytest.mark.usefixtures("site")
def test_what_cannot_be_read_is_not_there(tmp_path: Path) -> None:
    """What is not installed, has no Python source or cannot be parsed is missing, as is the standard library."""
    sources, _ = sources_of({"app": ""}, tmp_path)
    for name in ("abroad_kit.broken", "abroad_kit.gone", "not_installed", "not_installed.part", "json", "_thread"):
        assert name not in sources
    with pytest.raises(KeyError):
        sources["abroad_kit.gone"]


@pytest.mark.usefixtures("site")
def test_packages_without_init_lie_in_each_other(tmp_path: Path) -> None:
    """Namespace packages (PEP 420) are looked into at any depth, though none of them is imported."""
    install(tmp_path / "site", {"abroad_kit/outer/inner/part.py": "def g(): ...\n"})
    sources, _ = sources_of({"app": ""}, tmp_path)
    assert set(sources["abroad_kit.outer.inner.part"].names.functions) == {"g"}
    assert not sources.is_module("abroad_kit.outer.gone.part")


@pytest.mark.usefixtures("site")
def test_what_is_read_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many bytes all others count as not found."""
    monkeypatch.setattr(foreign, "_MOST_ANALYSED", 1)
    sources, _ = sources_of({"app": ""}, tmp_path)
    assert sources.is_module("abroad_kit.part")
    assert sources.tree("abroad_kit.part") is not None
    assert "abroad_kit.part" not in sources
    monkeypatch.setattr(foreign, "_MOST", 1)
    sources, _ = sources_of({"app": ""}, tmp_path)
    assert sources.tree("abroad_kit.part") is None
    assert sources.tree("app") is not None


def test_a_changed_file_is_read_again(site: Path, tmp_path: Path) -> None:
    """A file is read once as long as it stays the same."""
    first, _ = sources_of({"app": ""}, tmp_path)
    again, _ = sources_of({"app": ""}, tmp_path)
    assert first.text("abroad_kit.part") is again.text("abroad_kit.part")
    (site / "abroad_kit/part.py").write_text("def other_name(): ...\n", encoding="utf-8")
    changed, _ = sources_of({"app": ""}, tmp_path)
    assert set(changed["abroad_kit.part"].names.functions) == {"other_name"}


@pytest.mark.usefixtures("site")
def test_which_names_are_modules(tmp_path: Path) -> None:
    """A name is a module where the program shows that, or where a foreign module of that name is installed."""
    sources, _ = sources_of({"app": ""}, tmp_path)
    known = KnownModules(frozenset({"app", "json.tool"}), sources)
    assert "abroad_kit.part" in known
    assert "json.tool" in known
    assert "abroad_kit.f" not in known
    assert "json.decoder" not in known
    assert 1 not in known
