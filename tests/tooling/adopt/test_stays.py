"""Why a name stays, as far as it is not said by what uses it; `test_plan` has the reasons one by one."""

from deferred_imports.tooling.adopt.groups import find_groups
from deferred_imports.tooling.adopt.moves import Wanted
from deferred_imports.tooling.adopt.parsed import parsed_module
from deferred_imports.tooling.adopt.readers import AnnotationReaders
from deferred_imports.tooling.adopt.stays import StayJudge
from deferred_imports.tooling.adopt.uses import PlacedUses


def test_what_a_module_says_of_its_names() -> None:
    """`__all__`, comments with types, comments that keep, and what the others take."""
    code = "import csv  # deferred-imports: keep\nimport html\nimport json\n"
    code += '__all__ = ["csv"]\n__all__ += ["json"]\nX = 1  # type: html.A\n'
    module = parsed_module(code.encode(), "app.cli", is_package=False, wanted=Wanted(taken={"html": "`a.py`"}))
    judge, groups = StayJudge(module, AnnotationReaders(module.tree)), find_groups(module).imports
    assert judge.exported == {"csv", "json"}
    assert "html" in judge.comments
    assert [judge.excluded([one.statement]) for (one,) in groups.values()] == [("kept", "", (1,)), None, None]
    assert [judge.taken_by(name, groups[name]) for name in groups] == ["`__all__`", "`a.py`", "`__all__`"]
    assert judge.must_stay("csv", groups["csv"], PlacedUses(bound={"csv": 7})) == ("rebound", "", (7,))
    assert judge.must_stay("csv", groups["csv"], PlacedUses()) is None
