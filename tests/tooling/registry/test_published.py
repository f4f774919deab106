"""What a registry publishes, read from its text."""

import json

import pytest

from deferred_imports.tooling.registry.published import OtherFormatError, is_registry, published
from deferred_imports.tooling.registry.render import declaration_text, registry_text
from goldens import CASES, manifest_of

TABLES = sorted((CASES / "registry").glob("*.toml"))


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_it_says_what_the_record_says(table: object) -> None:
    """Of every case the text tells the package, the project and each import as the record in the wheel does."""
    manifest = manifest_of(table.read_text(encoding="utf-8"))  # type: ignore[attr-defined]  # a path
    text, record = registry_text(manifest).encode(), json.loads(declaration_text(manifest))
    assert is_registry(text)
    found = published(text, manifest.package)
    assert found["project"] == record["project"]
    assert json.loads(json.dumps(found["imports"])).keys() == record["imports"].keys()


def test_there_are_cases() -> None:
    """The folder is not empty."""
    assert len(TABLES) > 5


def test_a_later_format_and_no_registry() -> None:
    """A format of the future has an error of its own; a module that is none is no registry."""
    with pytest.raises(OtherFormatError, match="format 99"):
        published(b'__deferred_imports__ = {"format": 99, "imports": ""}', "app")
    with pytest.raises(ValueError, match="no __deferred_imports__"):
        published(b"x = 1", "app")
    assert not is_registry(b"x = 1")
