"""What the table keeps: an imported module, an importing one, or both; with what lies in them."""

import pytest

from deferred_imports.tooling.project.judged import Judged, Reason
from deferred_imports.tooling.scan.keeps import Useless, keep
from deferred_imports.tooling.scan.program import join


def judged(importer: str, module: str, name: str | None = None) -> Judged:
    return Judged(importer, 1, module, name, name or module, Reason.FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("json", {"json", "json.decoder"}),
        ("app.cli:", {"json", "json.decoder", "csv"}),
        ("app:", {"json", "json.decoder", "csv"}),
        ("app.cli:csv", {"csv"}),
        ("app.other:csv", set()),
        ("js", set()),
    ],
)
def test_what_is_meant(text: str, kept: set[str]) -> None:
    """A text means a module and what lies in it; after a colon, in a module that imports or in what lies in that."""
    found, useless = keep([judged("app.cli", one) for one in ("json", "json.decoder", "csv")], join({}), [text])
    assert {item.module for item in found if item.reason is Reason.KEPT} == kept
    assert useless == (() if kept else (Useless("", 0, text),))


def test_a_name() -> None:
    """A name that is taken from a module can be kept by itself."""
    items = [judged("app.cli", "decimal", "Decimal"), judged("app.cli", "decimal", "Context")]
    found, _ = keep(items, join({}), ["decimal.Context"])
    assert [item.reason for item in found] == [Reason.FUNCTIONS, Reason.KEPT]
