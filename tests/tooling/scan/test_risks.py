"""Which imports are risky: those that lead to an effect which something may miss."""

from pathlib import Path

from deferred_imports.tooling.scan.risks import with_risks
from deferred_imports.tooling.scan.verdicts import judge
from scanning import program_of

LOUD = "import os\nos.environ['A'] = '1'\n"


def verdicts(texts: dict[str, str], directory: Path, *loaded: frozenset[str]) -> dict[tuple[str, str], str]:
    program = program_of(texts, directory)
    found = with_risks(judge(program), program, loaded)
    return {(item.importer, item.module): item.verdict for item in found if item.module != "os"}


def test_the_chain(tmp_path: Path) -> None:
    """An import is risky through what the module imports in turn, and tells the way, line by line."""
    texts = {"app": "import far\ndef f(): return far\n", "far": "\nimport loud\nX = loud\n", "loud": LOUD}
    program = program_of(texts, tmp_path)
    (item,) = [one for one in with_risks(judge(program), program) if one.importer == "app"]
    assert (item.verdict, item.path) == ("risky", ("far:2", "loud:2"))
    assert item.detail == "`os.environ = ...` in loud:2"


def test_what_stays_is_no_risk(tmp_path: Path) -> None:
    """What the importing module loads all the same, for another import or in every start, can wait."""
    texts = {"app": "import loud, base\nclass A(base.B): ...\ndef f(): return loud\n", "loud": LOUD}
    texts["base"] = "import loud\nclass B: x = loud\n"
    assert verdicts(texts, tmp_path)["app", "loud"] == "can"
    texts["base"] = "class B: ...\n"
    assert verdicts(texts, tmp_path)["app", "loud"] == "risky"
    assert verdicts(texts, tmp_path, frozenset({"loud"}))["app", "loud"] == "can"
    assert verdicts(texts, tmp_path, frozenset({"loud"}), frozenset())["app", "loud"] == "risky"


def test_a_package_on_the_way(tmp_path: Path) -> None:
    """Importing a module runs the packages around it first."""
    texts = {"app": "from kit.part import x\ndef f(): return x\n", "kit": LOUD, "kit.part": "x = 1\n"}
    assert verdicts(texts, tmp_path)["app", "kit.part"] == "risky"


def test_only_who_relies_on_it_has_to_keep_it(tmp_path: Path) -> None:
    """Where all that read a changed module load what changes it, other imports of that can wait."""
    texts = {
        "app": "import nodes, parsing\ndef f(): return nodes, parsing\n",
        "table": "rules = {}\ndef fill(): rules.update(a=1)\n",
        "nodes": "import table\ntable.fill()\n",
        "parsing": "import table, nodes\ndef f(): return table.rules, nodes\n",
    }
    found = verdicts(texts, tmp_path)
    assert found["app", "nodes"] == found["app", "parsing"] == "can"
    assert found["parsing", "nodes"] == "risky"


def test_what_a_script_starts_is_not_sure_of_its_readers(tmp_path: Path) -> None:
    """Where an entry point runs the module that is changed, all imports that lead to the change are risky."""
    texts = {
        "app": "import nodes, parsing\ndef f(): return nodes, parsing\n",
        "table": "rules = {}\ndef fill(): rules.update(a=1)\ndef main(): ...\n",
        "nodes": "import table\ntable.fill()\n",
        "parsing": "import table, nodes\ndef f(): return table.rules, nodes\n",
    }
    program = program_of(texts, tmp_path, entry_points=[("table", "main")])
    found = {(item.importer, item.module): item.verdict for item in with_risks(judge(program), program)}
    assert found["app", "nodes"] == found["app", "parsing"] == "risky"


def test_what_happens_elsewhere_is_told(tmp_path: Path) -> None:
    """An effect on another platform leaves the verdict, and is told beside it."""
    loud = "import sys\nif sys.platform == 'win95':\n  import gone\n  gone.fix()\n"
    program = program_of({"app": "import loud\ndef f(): return loud\n", "loud": loud}, tmp_path)
    (item,) = [one for one in with_risks(judge(program), program) if one.importer == "app"]
    assert item.verdict == "can"
    assert item.elsewhere == ("where sys_platform == 'win95', importing it registers something: `gone.fix` in loud:4")
