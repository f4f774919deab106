"""Which imports of functions are required, and where: what a table of `discover = true` makes of the requirements."""

import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.tree import load_project
from deferred_imports.tooling.table.entries import Entry
from processes import RunPython


def entries_of(root: Path, project: str, code: str, **more: str) -> dict[str, Entry]:
    table = f'[project]\nname = "app"\n{project}\n[tool.deferred-imports]\ndiscover = true\n'
    files = {"pyproject.toml": table, "src/app/__init__.py": "", "src/app/m.py": code}
    for name, text in {**files, **{f"src/app/{name}.py": text for name, text in more.items()}}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return {entry.name: entry for entry in discover_in(load_project(root)).entries}


BEFORE_311 = "python_version < '3.11'"


@pytest.mark.parametrize(
    ("project", "code", "optional", "marker"),
    [
        (f'dependencies = ["bb; {BEFORE_311}"]\noptional-dependencies.dev = ["bb"]', "import bb", False, BEFORE_311),
        (
            "dependencies = [\"bb<2; python_version < '3.10'\", \"bb>=2; python_version >= '3.10'\"]",
            "import bb",
            False,
            None,
        ),
        (f'dependencies = ["bb; {BEFORE_311}"]', "if sys.version_info < (3, 11): import bb", False, BEFORE_311),
        (
            f'dependencies = ["bb; {BEFORE_311}"]',
            "if sys.platform == 'win32': import bb",
            False,
            f"sys_platform == 'win32' and {BEFORE_311}",
        ),
        (
            "dependencies = [\"app[a]; os_name == 'nt'\"]\noptional-dependencies.a = ['bb']",
            "import bb",
            False,
            "os_name == 'nt'",
        ),
        ('optional-dependencies.dev = ["bb"]', "import bb", True, None),
        ("dependencies = []", "import bb", True, None),
        ('dynamic = ["dependencies"]', "import bb", True, None),
        ('dynamic = ["dependencies"]\noptional-dependencies.dev = ["bb"]', "import bb", True, None),
        (f'dependencies = ["bb; {BEFORE_311}"]', "try: import bb\n    except ImportError: pass", True, None),
        # Of two places the one that needs it everywhere decides.
        ('dependencies = ["bb"]', "if sys.platform == 'win32': import bb\n    import bb", False, None),
    ],
    ids=range(11),
)  # fmt: skip
def test_necessity_follows_the_markers(
    project: str, code: str, optional: bool, marker: str | None, tmp_path: Path
) -> None:
    """Required exactly where the import's marker and that of a requirement of the package itself hold."""
    entry = entries_of(tmp_path, project, f"import sys\ndef f():\n    {code}\n")["<bb>"]
    assert (entry.optional, entry.marker) == (optional, marker)


def test_a_module_that_needs_what_is_not_everywhere(tmp_path: Path) -> None:
    """A module of the package that imports with itself what only some Pythons get is optional for its importers."""
    project = f'dependencies = ["bb; {BEFORE_311}"]'
    found = entries_of(tmp_path, project, "def f():\n    from . import part\n", part="import bb\n")
    assert found["<.part>"].optional


@pytest.mark.skipif(sys.version_info < (3, 11), reason="is about Pythons that do not get the requirement")
def test_an_eager_start_where_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_python: RunPython
) -> None:
    """A program starts eagerly on Pythons for which its requirement is not meant."""
    project = f'dependencies = ["bb; {BEFORE_311}"]\noptional-dependencies.dev = ["bb"]'
    entries_of(tmp_path, project, "def f(x):\n    if x:\n        import bb\n")
    (tmp_path / "src/app/__init__.py").write_text("from . import _deferred as _deferred\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["generate"]) == 0

    run_python("import app.m", path=[tmp_path / "src"], env={"PYDEFER_EAGER": "1"})


@pytest.mark.parametrize(
    ("requirement", "code", "name"),
    [
        ("google-cloud-bigquery", "from google.cloud import bigquery", "<google.cloud:bigquery>"),
        ("google-cloud-pubsub", "import google.cloud.pubsub", "<google.cloud.pubsub>"),
        ("google-cloud-pubsub", "from google.cloud import pubsub_v1", "<google.cloud:pubsub_v1>"),
        ("opentelemetry-api", "from opentelemetry import trace", "<opentelemetry:trace>"),
        ("azure-storage-blob", "from azure.storage.blob import BlobClient", "<azure.storage.blob:BlobClient>"),
        ("zope.interface", "from zope import interface", "<zope:interface>"),
        ("PyYAML", "import yaml", "<yaml>"),
        ("pyyaml_env_tag", "from yaml_env_tag import add_env_tag", "<yaml_env_tag:add_env_tag>"),
        ("opencv-python-headless", "import cv2", "<cv2>"),
    ],
)
def test_which_distribution_brings_it(requirement: str, code: str, name: str, tmp_path: Path) -> None:
    """Distributions below a namespace, and those that are known to have another name, are told from the import."""
    entry = entries_of(tmp_path, f'dependencies = ["{requirement}"]', f"def f():\n    {code}\n")[name]
    assert (entry.distribution, entry.optional) == (requirement, False)
    assert not discover_in(load_project(tmp_path)).undeclared


def test_an_entry_below_a_namespace(tmp_path: Path) -> None:
    """A declared `google.cloud:bigquery` is covered by what brings it, and says nothing of what else lies there."""
    table = '[tool.deferred-imports.imports]\nbq = "google.cloud:bigquery"\n'
    table += 'np = { module = "np.x", distribution = "nmp" }\n'
    code = "def f():\n    import google.cloud.vision\n    import np.y\n"
    found = entries_of(tmp_path, f'dependencies = ["google-cloud-bigquery", "nmp"]\n{table}', code)
    assert found["<google.cloud.vision>"].distribution is None
    assert found["<np.y>"].distribution == "nmp"
    bq = load_project(tmp_path).manifest.entries[0]
    assert (bq.distribution, bq.optional) == ("google-cloud-bigquery", False)


def test_the_extra_that_users_get(tmp_path: Path) -> None:
    """An extra for those who work on the project is not what users are told to install."""
    extras = 'dev = ["bb"]\ntest = ["bb"]\nfast = ["bb"]\n'
    entry = entries_of(tmp_path, f"[project.optional-dependencies]\n{extras}", "def f():\n    import bb\n")["<bb>"]
    assert entry.extra == "fast"
