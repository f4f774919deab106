"""What `list --installed` tells about the environment, from the records that wheels carry."""

import json
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from builds import Build, MakeProject
from deferred_imports.tooling import cli
from deferred_imports.tooling.registry.installed import Deferred, Unreadable, find_installed
from goldens import CASES, compare

TABLE = """
imports.js = "json"
imports.loads = { module = ["colorsys:nowhere", "json:loads"], groups = ["fast"] }
imports.nt = { module = "not_there.sub", extra = "plot" }
imports.reg = { module = "winreg", marker = "sys_platform == 'nowhere'" }
imports.report = ".report"
"""


@pytest.fixture
def site(make_project: MakeProject, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory, on the path, in which a wheel with a record is installed; the package itself must not be run."""
    root = make_project(
        {"src/weather/__init__.py": "raise SystemExit('it ran')\n", "src/weather/report.py": ""},
        table=TABLE,
        project='optional-dependencies.plot = ["not-there"]\n',
    )
    site = tmp_path / "site"
    with zipfile.ZipFile(build("hatchling", root).wheel) as wheel:
        wheel.extractall(site)
    monkeypatch.syspath_prepend(site)
    return site


def records(site: Path) -> list[Path]:
    return list(site.rglob("*deferred-imports.json"))


def test_list_installed(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each import has its module, package, extra and state; markers are evaluated, and nothing is run."""
    assert len(records(site)) == 1

    assert cli.main(["list", "--installed"]) == 0
    compare(capsys.readouterr().out, CASES / "command" / "list-installed.txt")


@pytest.mark.usefixtures("site")
def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` says the same for machines."""
    assert cli.main(["list", "--installed", "--json"]) == 0
    imports = [item for item in json.loads(capsys.readouterr().out) if item["project"] == "weather"]
    assert [(item["name"], item["state"]) for item in imports] == [
        ("js", "findable"),
        ("loads", "findable"),
        ("nt", "missing"),
        ("reg", "elsewhere"),
        ("report", "findable"),
    ]
    assert imports[1] == {
        "project": "weather",
        "version": "1.0",
        "package": "weather",
        "name": "loads",
        "modules": ["colorsys:nowhere", "json:loads"],
        "extra": None,
        "groups": ["fast"],
        "marker": None,
        "distribution": None,
        "optional": False,
        "state": "findable",
    }


def test_a_record_in_a_folder_of_its_own(site: Path) -> None:
    """A record is found wherever a backend's rewriting of paths has put it in the dist-info."""
    (record,) = records(site)
    record.parent.joinpath("src", "x").mkdir(parents=True)
    record.rename(record.parent / "src" / "x" / record.name)

    assert len(find_installed([str(site)])) == 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is not a declaration of deferred imports"),
        ("[]", "it is not a declaration of deferred imports"),
        ('{"format": 1}', "it is not a declaration of deferred imports"),
        ('{"format": 99}', "it has format 99, which this version does not know"),
    ],
)
def test_a_record_that_says_nothing(site: Path, text: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A record that cannot be read is reported, and hides none of the others."""
    (record,) = records(site)
    record.write_text(text, encoding="utf-8")

    assert find_installed([str(site)]) == [Unreadable(record, reason)]
    assert cli.main(["list", "--installed"]) == 0
    assert f"{record}: {reason}\n" in capsys.readouterr().err


def test_a_registry_of_a_later_format(site: Path) -> None:
    """Where no record was baked, the registry itself is read, and one of a later format is told of as a record is."""
    (record,) = records(site)
    record.unlink()
    assert len(find_installed([str(site)])) == 5
    registry = site / "weather" / "_deferred.py"
    registry.write_text(registry.read_text("utf-8").replace('"format": 1,', '"format": 99,'), encoding="utf-8")
    assert find_installed([str(site)]) == [Unreadable(registry, "it has format 99, which this version does not know")]


def test_only_the_first_installation_counts(site: Path, tmp_path: Path) -> None:
    """Of two installations of a project, only the first on the path is there for Python."""
    second = tmp_path / "second"
    shutil.copytree(site, second)

    found = find_installed([str(site), str(second), str(tmp_path / "nowhere")])
    assert [item.name for item in found if isinstance(item, Deferred)] == ["js", "loads", "nt", "reg", "report"]


def test_odd_distributions_hide_nothing(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What an old wheel, an interrupted installer or a link has left beside them hides none of the others."""
    odd = {"no-metadata": {}, "latin": {"METADATA": b"Name: x\xe9\n"}, "empty": {"METADATA": b"", "RECORD": b""}}
    odd["rubbish"] = {"RECORD": b"\xff\x00,\n../../x.py,,\n/etc/x.py,,\n\n"}
    for name, files in odd.items():
        info = site / f"{name}-1.dist-info"
        info.mkdir()
        for file, content in files.items():
            (info / file).write_bytes(content)
    (site / "file-1.dist-info").touch()
    (site / "dangling-1.dist-info").symlink_to("nowhere")
    (site / "loop-1.dist-info").symlink_to("loop-1.dist-info")
    if hasattr(os, "mkfifo"):  # which whoever opens it waits at
        for name in ("METADATA", "RECORD", "deferred-imports.json"):
            (site / f"pipe-{name}-1.dist-info").mkdir()
            os.mkfifo(site / f"pipe-{name}-1.dist-info" / name)
    deep = site / "deep-1.dist-info"
    deep.mkdir()
    (deep / "deferred-imports.json").write_text("[" * 100_000, encoding="utf-8")

    assert cli.main(["list", "--installed"]) == 0
    out, err = capsys.readouterr()
    assert sum(line.startswith("weather 1.0") for line in out.splitlines()) == 5
    assert err == f"deferred-imports: {deep / 'deferred-imports.json'}: it is not a declaration of deferred imports\n"


def test_in_an_archive(site: Path, tmp_path: Path) -> None:
    """What lies in an archive on the path is seen as in a directory."""
    archive = tmp_path / "site.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in site.rglob("*"):
            packed.write(path, path.relative_to(site))
    (tmp_path / "no.zip").write_bytes(b"PK")

    found = find_installed([str(tmp_path / "no.zip"), str(archive)])
    assert [item.name for item in found if isinstance(item, Deferred)] == ["js", "loads", "nt", "reg", "report"]


@pytest.mark.parametrize("packed", [False, True], ids=["a directory", "an archive"])
def test_a_registry_without_a_record(packed: bool, site: Path, tmp_path: Path) -> None:
    """Where a project commits its registry, as on another backend, that is read instead; it says the same.

    But for the distribution that an import comes from: a running program needs only the remedy.
    """
    before = [replace(item, distribution=None) for item in find_installed([str(site)]) if isinstance(item, Deferred)]
    (record,) = records(site)
    record.unlink()
    place = site
    if packed:
        place = tmp_path / "site.zip"
        with zipfile.ZipFile(place, "w") as archive:
            for path in site.rglob("*"):
                archive.write(path, path.relative_to(site))

    assert find_installed([str(place)]) == before


def test_a_registry_that_says_nothing(site: Path) -> None:
    """A registry that cannot be read is reported by its path."""
    (record,) = records(site)
    record.unlink()
    registry = site / "weather" / "_deferred.py"
    for text in ("def", "x = 1", "__deferred_imports__ = f()", "__deferred_imports__ = {'imports': 1}"):
        registry.write_text(registry.read_text("utf-8").splitlines()[0] + f"\n{text}\n", encoding="utf-8")
        assert find_installed([str(site)]) == [Unreadable(registry, "it is not a declaration of deferred imports")]
