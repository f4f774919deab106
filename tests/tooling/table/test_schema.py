"""The JSON schema of the table: it agrees with the parser, as far as a schema can, and validate-pyproject finds it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from keyword import kwlist
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deferred_imports.tooling.table.entries import RESERVED_NAMES
from deferred_imports.tooling.table.manifest import ManifestError, Shipped, parse_table
from deferred_imports.tooling.table.schema import load
from deferred_imports.tooling.table.wrapping import OURS
from goldens import CASES, shipped_by
from processes import RUNTIME, MakeVenv, RunPython

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

VALIDATE = fastjsonschema.compile(load())
TABLES = sorted([*(CASES / "manifest").glob("*.toml"), *(CASES / "registry").glob("*.toml")])
# What the parser refuses and no schema of the table can: the reason, and how such problems read.
BEYOND_A_SCHEMA = {
    "it takes the rest of the file": r"^project\b|declared requirement|from \[project\.optional-dependencies\]"
    r"|expected (an|no) extra|, which installs|installed with the package|\[build-system\]|build backend that makes",
    "it takes the modules of the project": r"of this package|in the package|renamed or vendored"
    r"|the wheel ships|a wheel that ships|than the registry itself",
    "it takes other entries": r"expected each (import|name) once",
    "it takes the modules of the standard library": r"some Python has in its standard library",
    "it takes counting": r"expected a name of at most",
    "it takes the grammar of markers": r"\.marker: (?!expected a string)",
}
# And this, which differs from one Python to the next, and which editors read otherwise than Python does.
LETTERS_OF_UNICODE = re.compile(r"got .*([^\x00-\x7f]|\\u(?!00[0-7])|\\U)")
# What NFKC changes, what only some of the rules call a letter, and marks that look like others.
UNICODE = (
    "\u00e9 \u017fys \ufb01 \u2118 a\u00b7b e\u0301 \u0928\u093e\u092e \uff0ea \uff43lass __\uff41__ a\u200d a\uff1a"
)
ODD_NAMES = f"""
np _ __ ___ ____ __a__ __a a__ a.b a-b class match sys str attach any len _deferred {UNICODE}
""".split()


def tables() -> Iterator[tuple[str, Mapping[str, Any], Shipped]]:
    """Yield the golden cases that have a table of ours, or what stands in its place."""
    for path in TABLES:
        text = path.read_text(encoding="utf-8")
        names = shipped_by(text)
        modules = frozenset(name.rstrip("/") for name in names)
        document = tomllib.loads(text)
        if isinstance(document.get("tool"), dict) and "deferred-imports" in document["tool"]:
            yield path.stem, document, Shipped(modules, frozenset(name[:-1] for name in names if name.endswith("/")))


def documents() -> Iterator[tuple[str, Mapping[str, Any], Shipped]]:
    """Yield the golden cases, and each of their entries alone, so that no problem hides behind another."""
    for case, document, shipped in tables():
        yield case, document, shipped
        table = document["tool"]["deferred-imports"]
        imports = table.get("imports") if isinstance(table, dict) else None
        for name, entry in imports.items() if isinstance(imports, dict) else ():
            alone = {key: table[key] for key in ("package", "registry") if key in table} | {"imports": {name: entry}}
            yield f"{case}, {name}", {**document, "tool": {"deferred-imports": alone}}, shipped


def problems_of(document: Mapping[str, Any], shipped: Shipped) -> list[str]:
    try:
        parse_table(document, shipped)
    except ManifestError as error:
        return [str(problem) for problem in error.problems]
    return []


def is_accepted(table: object) -> bool:
    """Tell whether the schema accepts a table."""
    try:
        VALIDATE(table)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def test_schema_and_parser_agree() -> None:
    """The schema accepts what the parser accepts, and refuses what it refuses, but for what takes more than a table."""
    used = set()
    wrong = []
    count = 0
    for case, document, shipped in documents():
        problems = problems_of(document, shipped)
        within = list(problems)
        for reason, pattern in BEYOND_A_SCHEMA.items():
            if any(re.search(pattern, problem) for problem in problems):
                used.add(reason)
            within = [problem for problem in within if not re.search(pattern, problem)]
        count += 1
        accepted = is_accepted(document["tool"]["deferred-imports"])
        if (accepted and within) or not (accepted or problems):
            wrong.append((case, problems))
    assert wrong == [], "\n".join(map(str, wrong))
    assert count >= 200
    assert used == set(BEYOND_A_SCHEMA)


names = st.one_of(
    st.sampled_from([*ODD_NAMES, "", " a", "a\n", "\na", "1a", "a b", "a\0", *sorted(RESERVED_NAMES)]),
    st.text(max_size=3),
)
references = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", ".", ".."]),
    st.lists(names, min_size=1, max_size=3).map(".".join),
    st.one_of(st.just(""), names.map(":{}".format)),
)
JUNK = st.sampled_from([1.5, True, 3, [], [1], {}, {"a": 1}])
kinds = st.one_of(references, st.lists(references, max_size=11), JUNK)
extras = st.one_of(st.sampled_from(["a", "A.b-c_d", "-a", "a-", "a b", "", "\u017f", "a\n", "\u212a", "é"]), JUNK)
entries = st.one_of(
    kinds,
    st.fixed_dictionaries(
        {"module": kinds},
        optional={
            "extra": extras,
            "distribution": extras,
            "groups": st.one_of(JUNK, st.lists(st.one_of(st.text(max_size=2), JUNK), max_size=2)),
            "optional": JUNK,
            "eager": JUNK,
            "extr": JUNK,
        },
    ),
)
exports = st.one_of(
    entries,
    st.lists(st.one_of(names, JUNK), max_size=2),
    st.dictionaries(st.one_of(names, references), st.one_of(entries, st.lists(names, max_size=2)), max_size=2),
)
some_tables = st.fixed_dictionaries(
    {},
    optional={
        "registry": st.one_of(names, JUNK),
        "discover": JUNK,
        "scan": st.one_of(JUNK, st.fixed_dictionaries({}, optional={"keep": st.lists(references, max_size=2)})),
        "imports": st.one_of(JUNK, st.dictionaries(names, entries, max_size=2)),
        "exports": st.one_of(JUNK, st.dictionaries(st.one_of(names, references), exports, max_size=2)),
        "backend": st.one_of(references, st.sampled_from(["uv_build", OURS, f"{OURS}:x", f"{OURS}x"]), JUNK),
        "backend-path": st.one_of(JUNK, st.lists(st.one_of(names, JUNK), max_size=2)),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(some_tables, JUNK))
def test_any_table_is_judged_alike(table: Any) -> None:
    """What the schema refuses the parser refuses, and the reverse, but for what takes more than a table."""
    wraps = isinstance(table, dict) and not {"backend", "backend-path"}.isdisjoint(table)
    document = {
        "build-system": {"build-backend": OURS if wraps else "other"},
        "project": {"name": "p", "version": "1", "dynamic": ["dependencies", "optional-dependencies"]},
        "tool": {"deferred-imports": table},
    }
    problems = problems_of(document, Shipped(frozenset({"p", "p.a"}), frozenset({"p"})))
    beyond = [re.compile(pattern) for pattern in BEYOND_A_SCHEMA.values()]
    within = [problem for problem in problems if not any(one.search(problem) for one in [*beyond, LETTERS_OF_UNICODE])]
    assert (within == []) if is_accepted(table) else problems


def test_the_names_are_those_of_the_parser() -> None:
    """What may not be a name is the same list, in both places that have it."""
    definitions = load()["definitions"]
    in_references = definitions["reference"]["not"]["pattern"]

    assert set(definitions["name"]["not"]["anyOf"][1]["enum"]) == set(kwlist)
    assert set(definitions["reserved"]["enum"]) == RESERVED_NAMES
    assert set(re.findall(r"\w+", in_references)) == set(kwlist)


def test_every_key_has_a_description() -> None:
    """An editor has something to say about each key."""
    schema = load()
    entry = schema["definitions"]["entry"]["oneOf"][1]["properties"]
    keys = {**schema["properties"], **entry}

    assert len(keys) == 15
    assert [key for key, value in keys.items() if "description" not in value] == []


@pytest.mark.isolated
def test_validate_pyproject_finds_it(venv: MakeVenv) -> None:
    """Where this distribution is installed, its entry point is there, and what it names is the schema."""
    code = """
from importlib.metadata import entry_points
import json
(point,) = entry_points(group="validate_pyproject.tool_schema")
print(json.dumps([point.name, point.load()(point.name)]))
"""
    name, schema = json.loads(venv("deferred-imports").run("python", "-c", code).stdout)
    assert (name, schema) == ("deferred-imports", load())


def test_it_takes_nothing_to_load(run_python: RunPython) -> None:
    """Who asks for the schema loads none of what the parser needs."""
    code = (
        "import sys; import deferred_imports.tooling.table.schema as s; s.load('x'); print('packaging' in sys.modules)"
    )
    assert run_python(code).stdout == "False\n"


def test_a_wrong_file_is_refused_by_the_command_line(tmp_path: Path) -> None:
    """The command of validate-pyproject refuses a table that is wrong, and accepts one that is right."""
    info = tmp_path / "site" / "x-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: x\nVersion: 0\n", encoding="utf-8")
    lines = "[validate_pyproject.tool_schema]\ndeferred-imports = deferred_imports.tooling.table.schema:load\n"
    (info / "entry_points.txt").write_text(lines, encoding="utf-8")
    project = tmp_path / "pyproject.toml"
    results = []
    for key in ("discover", "discovr"):
        project.write_text(f"[tool.deferred-imports]\n{key} = true\n", encoding="utf-8")
        command = [sys.executable, "-m", "validate_pyproject", str(project)]
        path = os.pathsep.join([str(RUNTIME), str(info.parent)])
        done = subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, check=False, encoding="utf-8")
        results.append((done.returncode, "tool.deferred-imports" in done.stdout + done.stderr))

    assert results == [(0, False), (1, True)]
