"""What a project requires: where each distribution gets installed, by what, and which module it brings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deferred_imports.tooling.table.known import known_for
from deferred_imports.tooling.table.problems import Problems
from deferred_imports.tooling.table.requirements import Requirements, read_requirements


def required(dependencies: list[str], **extras: list[str]) -> Requirements:
    project = {"name": "app", "dependencies": dependencies, "optional-dependencies": extras}
    document = {"project": project}
    problems = Problems(document)
    found = read_requirements(document, problems)
    problems.raise_if_any()
    return found


@pytest.mark.parametrize(
    ("dependencies", "where"),
    [
        ([], (None, False)),
        (["bb"], (None, True)),
        (["bb; python_version < '3.11'"], ("python_version < '3.11'", True)),
        (['bb; python_version < "3.11"'], ("python_version < '3.11'", True)),
        (["bb<2; python_version < '3.10'", "bb>=2; python_version >= '3.10'"], (None, True)),
        (["bb; os_name == 'nt'", "bb"], (None, True)),
        (["bb; os_name == 'nt'", "bb; sys_platform == 'win32'"], ("os_name == 'nt' or sys_platform == 'win32'", True)),
        (["app[a]"], (None, True)),
        (["app[a]; sys_platform == 'win32'"], ("sys_platform == 'win32'", True)),
        (
            ["app[half]; sys_platform == 'win32' or os_name == 'nt'"],
            ("(sys_platform == 'win32' or os_name == 'nt') and python_version < '3.11'", True),
        ),
        (["app[round]; sys_platform == 'win32'"], ("sys_platform == 'win32'", True)),
        (["bb; extra == 'a'"], (None, False)),
        (["bb @ https://example.invalid/bb.zip ; python_version < '4'"], ("python_version < '4'", True)),
    ],
)
def test_where_it_is_installed_with_the_package(dependencies: list[str], where: tuple[str | None, bool]) -> None:
    """Markers say where: of `dependencies` alone, complementary ones together, own extras followed."""
    extras = {"a": ["bb"], "dev": ["bb"], "half": ["bb; python_version < '3.11'"]}
    around = {"round": ["app[again]"], "again": ["app[round]", "bb"]}
    assert required(dependencies, **extras, **around).where("bb") == where


def test_extras_for_users_come_first() -> None:
    """Of the extras that list a distribution, those who work on the project have theirs last; the smallest is first."""
    found = required([], dev=["numpy"], all=["numpy"], big=["numpy", "bb", "cc"], fast=["numpy", "dd"], test=["numpy"])
    assert found.extras_with("numpy") == ["fast", "big", "dev", "all", "test"]
    assert required([], dev=["numpy"]).extras_with("numpy") == ["dev"]
    assert required([], all=["app[fast]"], fast=["numpy"]).extras_with("numpy") == ["fast"]


def test_what_covers_a_module() -> None:
    """A module is covered by the distribution of its name, of a parent's, or by one that is known to bring it."""
    found = required(["google-cloud-bigquery", "Google_Cloud", "PyYAML", "opencv-python-headless", "protobuf"])
    assert found.covering("google.cloud.bigquery.table") == ["google-cloud-bigquery", "google-cloud"]
    assert found.covering("google.protobuf.message") == ["protobuf"]
    assert found.covering("yaml.nodes") == ["pyyaml"]
    assert found.covering("cv2") == ["opencv-python-headless"]
    assert found.covering("google") == []


@given(st.lists(st.text(), max_size=3).map(".".join))
def test_what_is_known_takes_any_name(module: str) -> None:
    """What lies below a module is brought by what brings the module, whatever its name."""
    assert set(known_for(f"{module}._")) >= set(known_for(module))
