"""The frontier: the moves that make a start load less, by what two starts have loaded."""

from deferred_imports.tooling.adopt.frontier import Name, all_names, frontier, targets
from deferred_imports.tooling.adopt.outline import Outline
from deferred_imports.tooling.adopt.plan import make_plan


def plans(**sources: str) -> dict[str, Outline]:
    """Return what can move in the modules of `app`."""
    whole = {name: make_plan(text.encode(), f"app.{name}", is_package=False) for name, text in sources.items()}
    return {f"app.{name}": plan.outline() for name, plan in whole.items()}


USING = "import json\nfrom app.lib import helper\n\n\ndef use():\n    return json, helper\n"


def test_all_that_can_move() -> None:
    """Each name of each module that can move is there."""
    assert all_names(plans(cli=USING)) == {Name("app.cli", "json"), Name("app.cli", "helper")}


def test_a_move_counts_if_its_target_is_gone() -> None:
    """What is loaded all the same after everything has moved gains nothing."""
    before = {"app.cli", "json", "app.lib"}
    assert frontier(plans(cli=USING), before, {"app.cli", "app.lib"}) == {Name("app.cli", "json")}


def test_a_move_counts_if_its_module_is_loaded() -> None:
    """What moves in a module that the start no longer loads gains nothing."""
    both = plans(cli=USING, lib="import csv\n\n\ndef helper():\n    return csv\n")
    before = {"app.cli", "app.lib", "json", "csv"}
    assert frontier(both, before, {"app.cli"}) == {Name("app.cli", "json"), Name("app.cli", "helper")}


def test_a_name_leads_to_where_it_comes_from() -> None:
    """A name that another module imports in its turn leads to that origin, too, and a circle ends."""
    circle = plans(
        one="from app.two import thing\n\n\ndef use():\n    return thing\n",
        two="from app.one import thing\n\n\ndef use():\n    return thing\n",
    )
    assert targets(circle, Name("app.one", "thing"), {"app.one", "app.two"}) == {"app.one", "app.two"}
