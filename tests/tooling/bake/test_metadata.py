"""What METADATA fills in where a pyproject.toml leaves it to the backend."""

import pytest

from deferred_imports.tooling.bake.metadata import with_metadata

METADATA = b"""\
Metadata-Version: 2.4
Name: Weather
Version: 1.0
Requires-Dist: numpy>=2
Requires-Dist: tomli; python_version < "3.11"
Requires-Dist: matplotlib; extra == "fast-plot"
Requires-Dist: pywin32; sys_platform == "win32" and extra == "fast-plot"
Requires-Dist: both; extra == "fast-plot" or extra == "io"
Requires-Dist: weather[io]; extra == "all"
Provides-Extra: fast-plot
Provides-Extra: io
Provides-Extra: none
Provides-Extra: all

The description, not a header.
"""
ALWAYS = ["numpy>=2", 'tomli; python_version < "3.11"']
EXTRAS = {
    "fast-plot": [
        "matplotlib",
        'pywin32; sys_platform == "win32" and extra == "fast-plot"',
        'both; extra == "fast-plot" or extra == "io"',
    ],
    "io": ['both; extra == "fast-plot" or extra == "io"'],
    "none": [],
    "all": ["weather[io]"],
}


def test_no_project_at_all() -> None:
    """Of a project that only setup.py or `[tool.poetry]` describes, all is filled in."""
    assert with_metadata({"tool": {}}, METADATA) == {
        "tool": {},
        "project": {"name": "Weather", "dependencies": ALWAYS, "optional-dependencies": EXTRAS},
    }


@pytest.mark.parametrize("key", ["dependencies", "optional-dependencies"])
def test_what_is_dynamic(key: str) -> None:
    """Of a [project] only what it says is dynamic."""
    project = {"name": "weather", "dynamic": [key, "version"]}
    filled = ALWAYS if key == "dependencies" else EXTRAS
    assert with_metadata({"project": project}, METADATA) == {"project": {**project, key: filled}}


def test_what_is_static() -> None:
    """What is written stays, in the user's spelling; what [project] does not have, it does not require."""
    project = {"name": "weather", "dependencies": ["NumPy"]}
    assert with_metadata({"project": project}, METADATA) == {"project": project}
    assert with_metadata({"project": "wrong"}, METADATA) == {"project": "wrong"}
