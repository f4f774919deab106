"""What was found, as a value."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from deferred_imports.tooling.adopt.exporting import Exporting
from deferred_imports.tooling.adopt.found import Adoption, Declined
from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.package import read_package
from deferred_imports.tooling.adopt.target import find_target


def test_whether_the_registry_is_needed(make_project: Callable[..., Path]) -> None:
    """It is where one of the names that move has an entry of the table, and not for others."""
    target = find_target(make_project())
    package = read_package(target.root, target.files)
    served, other = Name("weather.cli", "render"), Name("weather.cli", "minidom")
    exporting = Exporting("weather", "_deferred", {served: ".report:render"})

    def needs(name: Name, **how: Exporting) -> bool:
        whole = replace(package, **how)  # type: ignore[arg-type]  # as it came
        return Adoption(whole, frozenset({name}), {}, {}, (), 0, Declined(0, 0), (), None, (), None).has_registry

    assert needs(served, exporting=exporting)
    assert not needs(other, exporting=exporting)
    assert not needs(served)
