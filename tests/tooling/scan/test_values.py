"""The JSON of a scan: its schema holds for every case, says all that is there, and changes only with the format."""

import json
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from deferred_imports.tooling.project.judged import Reason
from deferred_imports.tooling.scan.packages import launch_of, locate
from deferred_imports.tooling.scan.pipeline import scan
from deferred_imports.tooling.scan.values import FORMAT, as_json
from goldens import CASES, compare, copy_case

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "src/deferred_imports/tooling/scan/schema.json").read_text(encoding="utf-8")
)
FOLDERS = sorted(folder.name for folder in (CASES / "scan").iterdir() if folder.is_dir())


def as_values(folder: Path, startup: str | None) -> dict[str, Any]:
    package = locate(["app"], folder)
    found = as_json(scan(package, [launch_of(package, startup)] if startup else []))
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


@pytest.mark.parametrize("name", FOLDERS)
def test_the_schema_holds(name: str, tmp_path: Path) -> None:
    """What a scan of each case says is what the schema describes, and the schema describes all of it."""
    folder = copy_case(CASES / "scan" / name, tmp_path)
    start = CASES / "scan" / name / "start"
    values = as_values(folder, start.read_text(encoding="utf-8").strip() if start.exists() else None)
    fastjsonschema.compile(SCHEMA)(values)
    assert undescribed(values, SCHEMA) == set()


def undescribed(value: object, schema: dict[str, Any], path: str = "") -> set[str]:
    """Return the keys that the schema does not know."""
    schema = SCHEMA["definitions"]["saving"] if "$ref" in schema else schema
    found: set[str] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in schema["properties"]:
                found.add(f"{path}.{key}")
            else:
                found |= undescribed(inner, schema["properties"][key], f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            found |= undescribed(inner, schema["items"], f"{path}[]")
    return found


def test_a_start_is_told(tmp_path: Path) -> None:
    """A start tells what was loaded, by whom it was first asked for, and what each verdict saves."""
    folder = copy_case(CASES / "scan" / "start-changes", tmp_path)
    start = as_values(folder, "app.cli")["starts"][0]
    assert start["command"] == "import app.cli"
    assert start["failure"] is None
    by = {module["name"]: module["by"] for module in start["modules"]}
    assert (by["app.cli"], by["app.types"]) == ("__main__", "app.cli")
    assert start["loaded"]["modules"] == len(by)
    assert start["saves"]["risky"]["modules"] == ["app.shapes", "atexit", "app.risk", "app.types"]


def test_the_codes_of_reasons_stay() -> None:
    """No code of a reason, and no verdict of one, changes without a new format."""
    lines = sorted(f"{reason.code}: {reason.verdict}\n" for reason in Reason)
    compare(f"format {FORMAT}\n{''.join(lines)}", CASES / "scan" / "reasons.txt")


def test_the_schema_names_the_format() -> None:
    """The schema is that of the format that is written."""
    assert SCHEMA["properties"]["format"] == {"const": FORMAT}
