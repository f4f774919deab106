"""``hatch run risks``: what the verdict "risky" of `scan` costs beside Lifeguard and pep810: imports held back.

For each of seven projects: the imports that `scan` would defer by how they are used, how many of these it calls risky,
how many Lifeguard wants at once, and how many pep810 calls risky. Nothing is started. Needs an index, and Python 3.15.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.environments import UnavailableError, find_interpreter
from benchmarks.lazily import PROJECTS, Project, Tried
from deferred_imports.tooling.table.names import lies_in

ALL = (*PROJECTS, Project("dvc-data==3.18.3", ("dvc_data",), ("dvc-data", "--help")))
LIFEGUARD = "lifeguard-lazy-imports==0.6.0"


def counted(project: Project, home: Path, python: Path) -> list[str]:
    """Return the row of a project: imports that could wait, and of these what each calls risky, and we as well."""
    here = Tried(project, home, python)
    subprocess.run([shutil.which("uv") or "uv", "pip", "install", "-q", "--python", here.python, LIFEGUARD], check=True)
    tree = here.copy("risks")
    sites: set[tuple[str, str]] = set()
    risky: set[tuple[str, str]] = set()
    lines: dict[tuple[str, str], int] = {}
    for item in here.scanned(tree, "--static"):
        if item["verdict"] in {"can", "change", "risky"}:
            site = str(item["importer"]), str(item["module"])
            sites.add(site)
            lines[site] = int(str(item["line"]))
            if item["verdict"] == "risky":
                risky.add(site)
    report = tree / "lifeguard.json"
    command: list[str | Path] = [here.place / "bin/lifeguard", "run-tree", tree, report]
    subprocess.run(command, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    eligible, eager = found["LAZY_ELIGIBLE"], set(found["LOAD_IMPORTS_EAGERLY"])
    wanted = {
        (importer, module)
        for importer, module in sites
        if importer not in eligible or importer in eager or any(lies_in(one, module) for one in eligible[importer])
    }
    refused = set(_refused_by_pep810(here, tree))
    refused_sites = {site for site in sites if (site[0], lines[site]) in refused}
    columns = (sites, risky, wanted, risky & wanted, refused_sites, risky & refused_sites)
    return [project.requirement, *(str(len(one)) for one in columns)]


def _refused_by_pep810(here: Tried, tree: Path) -> Iterator[tuple[str, int]]:
    """Yield the statements that pep810 calls risky, each by its module and its line."""
    for package in here.project.packages:
        command: list[str | Path] = [here.place / "bin/pep810", "analyze", "--format", "json", package]
        done = subprocess.run(command, capture_output=True, check=False, cwd=tree)
        for file in json.loads(done.stdout)["files"]:
            for found in file["imports"]:
                if found["decision"] == "risky":
                    yield file["module"], found["line"]


def main() -> int:
    """Count for each project, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path.home() / ".cache/deferred-imports/lazily")
    parser.add_argument("--python", default="3.15", help="the interpreter (default: 3.15)")
    arguments = parser.parse_args()
    try:
        python = find_interpreter(arguments.python)
        rows = [counted(project, arguments.home, python.path) for project in ALL]
    except UnavailableError as error:
        print(f"skipped: {error}")
        return 0
    table = Table(box=SIMPLE_HEAD)
    for column in ("project", "could wait", "risky by scan", "at once by Lifeguard", "both", "by pep810", "both"):
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
