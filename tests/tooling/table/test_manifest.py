"""The table: what is refused, word by word, and what comes out of a good one.

`tests/cases/manifest` holds whole pyproject.toml files. Beside each lies what parsing it gives: the error's text, in
`.errors.txt`, or the manifest, in `.manifest.json`. `goldens` knows what their wheels ship.
"""

from __future__ import annotations

import dataclasses
import dis
import json
from types import CodeType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deferred_imports.tooling.registry.render import registry_text
from deferred_imports.tooling.table.entries import EXPORTING_NAMES, RESERVED_NAMES
from deferred_imports.tooling.table.manifest import Entry, Manifest, ManifestError, Shipped, Target, parse_table
from goldens import CASES, compare, manifest_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = CASES / "manifest"
BAD = sorted(TABLES.glob("*.errors.txt"))
GOOD = sorted(TABLES.glob("*.manifest.json"))


def problems_of(table: str, project: str = 'name = "weather"\ndependencies = ["numpy"]') -> list[str]:
    with pytest.raises(ManifestError) as caught:
        manifest_of(f"[project]\n{project}\n\n[tool.deferred-imports.imports]\n{table}\n")
    return [str(problem) for problem in caught.value.problems]


def test_every_case_has_its_pair() -> None:
    """No case is without an expectation, no expectation without a case, and there are as many as we say."""
    tables = {path.stem for path in TABLES.glob("*.toml")}
    bad = {path.name.removesuffix(".errors.txt") for path in BAD}
    good = {path.name.removesuffix(".manifest.json") for path in GOOD}

    assert tables == bad | good
    assert not bad & good
    assert len(bad) >= 35
    assert len(good) >= 3
    assert {path.name for path in TABLES.iterdir()} == {
        *(f"{name}.toml" for name in tables),
        *(path.name for path in [*BAD, *GOOD]),
    }


@pytest.mark.parametrize("expected", BAD, ids=lambda path: path.name.removesuffix(".errors.txt"))
def test_bad_table(expected: Path) -> None:
    """A bad table gives exactly this text: every problem, in the order of the file."""
    table = expected.with_name(expected.name.replace(".errors.txt", ".toml"))

    with pytest.raises(ManifestError) as caught:
        manifest_of(table.read_text(encoding="utf-8"))

    compare(f"{caught.value}\n", expected)


@pytest.mark.parametrize("expected", GOOD, ids=lambda path: path.name.removesuffix(".manifest.json"))
def test_good_table(expected: Path) -> None:
    """A good table gives exactly this manifest."""
    table = expected.with_name(expected.name.replace(".manifest.json", ".toml"))

    manifest = manifest_of(table.read_text(encoding="utf-8"))

    found = dataclasses.asdict(manifest)
    for key, entries in {"entries": manifest.entries, "exports": manifest.exports}.items():
        for entry, parsed in zip(found[key], entries, strict=True):
            entry["targets"] = [str(target) for target in parsed.targets]
    if not manifest.exports:
        del found["exports"], found["over_submodules"]
    compare(json.dumps(found, indent=2) + "\n", expected)


def test_several_problems_at_once() -> None:
    """At least five cases hold several problems, so that gathering is seen to work."""
    several = [path for path in BAD if len(path.read_text(encoding="utf-8").splitlines()) > 2]

    assert len(several) >= 5


def test_one_line_for_each_problem() -> None:
    """No text of the user breaks the line of its problem."""
    for path in BAD:
        header, *problems = path.read_text(encoding="utf-8").splitlines()
        assert f" has {len(problems)} problem" in header
        assert all(problem.startswith("  ") for problem in problems)


def test_target_takes_module_and_attribute_apart() -> None:
    """A reference is split at its colon, and written back the same."""
    manifest = manifest_of(
        '[project]\nname = "weather"\n'
        '[tool.deferred-imports.imports]\njoin = "os.path:join"\nreport = ".commands.report"\n'
    )

    join, report = manifest.entries
    assert join.targets == (Target("os.path", "join"),)
    assert report.targets == (Target(".commands.report", None),)
    assert [str(entry.targets[0]) for entry in manifest.entries] == ["os.path:join", ".commands.report"]


def test_names_and_references_are_as_python_reads_them() -> None:
    """An identifier is normalised (NFKC) as an import statement would do it, so that both mean one module."""
    manifest = manifest_of('[project]\nname = "weather"\n[tool.deferred-imports.imports]\n"ﬁ" = "ﬁlecmp:ﬁ"\n')

    assert manifest.entries[0].name == "fi"
    assert manifest.entries[0].targets == (Target("filecmp", "fi"),)


def test_the_package_named_like_the_project_gets_the_registry() -> None:
    """Of several packages, it is the one whose name is the project's."""
    manifest = manifest_of(
        "# ships: helpers/ my_app/ my_app.cli\n"
        '[project]\nname = "My.App"\n[tool.deferred-imports.imports]\ncli = ".cli"\n'
    )

    assert manifest.package == "my_app"


def test_a_chosen_package_may_lie_in_another() -> None:
    """The table may put the registry into any package that the wheel ships; relative references start there."""
    manifest = manifest_of(
        '[project]\nname = "weather"\n'
        '[tool.deferred-imports]\npackage = "weather.commands"\nimports.report = ".report"\n'
    )

    assert manifest.package == "weather.commands"


def test_dynamic_requirements_count_when_they_are_known() -> None:
    """What a metadata hook has filled in is checked, dynamic or not."""
    project = 'name = "weather"\ndynamic = ["dependencies"]\ndependencies = ["numpy"]'

    (problem,) = problems_of('np = "numpy"\npd = "pandas"', project)

    assert problem.startswith("imports.pd: expected a module of the standard library or of a declared requirement")


@pytest.mark.parametrize("key", ["dependencies", "optional-dependencies"])
def test_unknown_requirements_may_cover_anything(key: str) -> None:
    """While either of the two is dynamic and not known, no module is said to be without a requirement."""
    (entry,) = manifest_of(
        f'[project]\nname = "weather"\ndynamic = ["{key}"]\n[tool.deferred-imports.imports]\nnp = "numpy"\n'
    ).entries

    assert entry.distribution is None


def test_a_module_may_come_from_its_parents_distribution() -> None:
    """Of several that have the name of the module or of a parent, the one that is installed counts."""
    (entry,) = manifest_of(
        '[project]\nname = "weather"\ndependencies = ["pandas"]\noptional-dependencies.plot = ["pandas-plotting"]\n'
        '[tool.deferred-imports.imports]\nplotting = "pandas.plotting"\n'
    ).entries

    assert entry.distribution == "pandas"


def test_unknown_dependencies_leave_the_extras_checked() -> None:
    """When only the dependencies are dynamic, an extra that does not exist is still found."""
    project = 'name = "weather"\ndynamic = ["dependencies"]\noptional-dependencies.plot = []'

    assert problems_of('plt = { module = "matplotlib", extra = "plots" }', project) == [
        'imports.plt.extra: expected "plot" from [project.optional-dependencies], got "plots"; did you mean "plot"?'
    ]


def test_one_misspelt_requirement_still_covers() -> None:
    """A requirement that is not valid is one problem, not one more for each module that it stands for."""
    assert problems_of('np = "numpy"', 'name = "weather"\ndependencies = ["numpy=>2"]') == [
        'project.dependencies[0]: expected a requirement, as in "numpy>=2", got "numpy=>2"'
    ]


def _globals(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "STORE_NAME"}:
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals(constant)


def test_reserved_names_are_those_that_the_registry_uses() -> None:
    """An entry overwrites a global of the registry, or hides a builtin there, so whatever it uses is reserved."""
    entry = Entry("entry", (Target("json"),), None, (), "os_name == 'nt'", None, optional=False)
    registry = registry_text(Manifest("weather", "weather", "_deferred", discover=False, entries=(entry,)))

    used = {name for name in _globals(compile(registry, "_deferred.py", "exec")) if not name.startswith("__")}

    assert used - {"entry"} == RESERVED_NAMES


def test_with_exports_the_registry_uses_more_names() -> None:
    """These are reserved in a table with exports, and only there."""
    entry = Entry("entry", (Target("json"),), None, (), None, None, optional=False)
    exports = (dataclasses.replace(entry, name=".entry"),)
    manifest = Manifest("weather", "weather", "_deferred", discover=False, entries=(entry,), exports=exports)
    used = {name for name in _globals(compile(registry_text(manifest), "", "exec")) if not name.startswith("__")}
    assert used - {"entry"} - RESERVED_NAMES == EXPORTING_NAMES
    assert (
        len(manifest_of('[project]\nname = "weather"\n[tool.deferred-imports.imports]\ntype = "json"\n').entries) == 1
    )
    table = 'type = "json"\n[tool.deferred-imports.exports]\ncli = ".cli"'
    assert problems_of(table) == ['imports.type: expected another name, got "type"; the registry itself uses this name']


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_names_of_the_registry_itself_are_refused(name: str) -> None:
    """No entry can overwrite what the generated registry needs to work."""
    problem = f'imports.{name}: expected another name, got "{name}"; the registry itself uses this name'

    assert problems_of(f'{name} = "json"') == [problem]


@pytest.mark.parametrize("name", ["match", "case", "type", "_", "lazy"])
def test_soft_keywords_are_names(name: str) -> None:
    """What is a keyword in some places only can be a name of the table."""
    (entry,) = manifest_of(f'[project]\nname = "weather"\n[tool.deferred-imports.imports]\n{name} = "json"\n').entries

    assert entry.name == name


@pytest.mark.parametrize("module", ["tomllib", "imp", "distutils", "annotationlib", "compression.zstd"])
def test_the_standard_library_of_any_python_needs_no_requirement(module: str) -> None:
    """A wheel is built once for all Pythons, so what any of them has is covered."""
    (entry,) = manifest_of(f'[project]\nname = "weather"\n[tool.deferred-imports.imports]\nx = "{module}"\n').entries

    assert entry.distribution is None


def test_an_extra_makes_an_entry_optional() -> None:
    """An entry with an extra is optional unless it says otherwise, and required without one."""
    manifest = manifest_of(
        '[project]\nname = "weather"\noptional-dependencies.plot = ["matplotlib"]\n'
        "[tool.deferred-imports.imports]\n"
        'a = { module = "matplotlib.a", extra = "plot" }\n'
        'b = { module = "matplotlib.b", extra = "plot", optional = false }\n'
        'c = { module = "json", optional = true }\n'
        'd = "re"\n'
    )

    assert [entry.optional for entry in manifest.entries] == [True, False, True, False]


TEXTS = st.text(max_size=5) | st.sampled_from(
    [
        "numpy",
        "weather",
        "plot",
        "weather[plot]",
        ".cli",
        ".",
        "..",
        "a:b",
        "os_name == 'nt'",
        "numpy>=2",
        "dependencies",
    ]
)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers() | st.floats() | st.dates() | st.times() | st.datetimes(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(TEXTS, values, max_size=3),
    max_leaves=5,
)


def _table(keys: str) -> st.SearchStrategy[object]:
    return VALUES | st.fixed_dictionaries({}, optional=dict.fromkeys(keys.split(), VALUES | st.lists(TEXTS)))


ENTRIES = st.dictionaries(TEXTS, _table("module extra groups marker distribution optional"), max_size=4)


@given(
    project=_table("name dynamic dependencies optional-dependencies"),
    table=_table("package registry discover imports") | st.fixed_dictionaries({"imports": ENTRIES}),
    groups=VALUES | st.dictionaries(TEXTS, st.lists(VALUES)),
)
def test_any_file_gives_a_manifest_or_its_problems(project: object, table: object, groups: object) -> None:
    """Nothing that TOML can say is a crash, and each problem stays on its line."""
    document = {"project": project, "tool": {"deferred-imports": table}, "dependency-groups": groups}
    shipped = Shipped(frozenset({"weather", "weather.cli"}), frozenset({"weather"}))

    error = ManifestError([])
    try:
        parse_table(document, shipped)
    except ManifestError as raised:
        error = raised

    assert len(f"{error}.".splitlines()) == 1 + len(error.problems)


def test_the_registry_is_named_as_python_reads_it() -> None:
    """A ligature in its name is normalised (NFKC), as an import statement would do it."""
    manifest = manifest_of('[project]\nname = "weather"\n[tool.deferred-imports]\nregistry = "ﬁ"\nimports.j = "json"\n')
    assert manifest.registry == "fi"
