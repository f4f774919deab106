"""What `lazy` (PEP 810) reaches in the projects that `benchmarks.adopting` has adopted, beside `adopt`.

    python -m benchmarks.natively --python PYTHON3.15 [--home DIR] [PROJECT ...]

Each project is installed into an environment of that Python, so this needs an index. Its start is counted as it is,
with the sources that `adopt` has written, with those of `adopt --risky` where that was tried, and with all imports lazy
that its own modules do, which no rewriting by `lazy` can outdo. Prints a table in Markdown of modules beyond those of a
bare interpreter, a row for each project.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.adopted import PROJECTS, Project
from benchmarks.adopting import COUNTED

# Given modules, their imports are lazy.
COUNT_LAZILY = f"""
import sys
told, own, script, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = script
if own:
    modules = frozenset(own.split(","))
    sys.set_lazy_imports_filter(lambda importer, *_: importer in modules)
    sys.set_lazy_imports("all")
{COUNTED}"""
_OWN = """
import sys, importlib.metadata as metadata
files = [file for file in metadata.files(sys.argv[1]) if file.suffix == ".py" and ".." not in file.parts]
print(",".join(sorted({".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files})))
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Count the starts, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.natively", description="Compare with `lazy`.")
    parser.add_argument("projects", nargs="*", metavar="PROJECT", help="names (default: all that are adopted)")
    parser.add_argument("--home", type=Path, default=Path("adopting"), help="where all is kept (default: %(default)s)")
    parser.add_argument("--python", required=True, help="a Python that has native lazy imports")
    arguments = parser.parse_args(argv)
    home = arguments.home.resolve()
    print("| project | before | adopted | `--risky` | `lazy` |\n|---|--:|--:|--:|--:|", flush=True)
    for project in PROJECTS:
        result = home / "results" / f"{project.name}.json"
        if result.is_file() and project.name in (arguments.projects or [project.name]):
            version = json.loads(result.read_text(encoding="utf-8"))["project"].partition(" ")[2]
            try:
                counts = _counts(project, version, home / project.name, arguments.python)
            except subprocess.CalledProcessError as error:
                print(f"| {project.name} {version} | {(error.stderr.strip().splitlines() or ['?'])[-1]} |", flush=True)
            else:
                print(f"| {project.name} {version} | {' | '.join(map(str, counts))} |", flush=True)
    return 0


def _counts(project: Project, version: str, place: Path, interpreter: str) -> list[int | str]:
    """Return what the start loads as it is, adopted, with `--risky`, and with all imports lazy that its modules do."""
    environment, whole = place / "native", place / "native-installed"
    python = environment / "bin" / "python"
    if not whole.exists():
        shutil.rmtree(environment, ignore_errors=True)
        uv = [sys.executable, "-m", "uv"]
        _told([*uv, "venv", "-q", "--python", interpreter, environment])
        wanted = [f"{project.name}{project.extras.replace('[test]', '')}=={version}"]
        wanted += ["--no-binary", project.name] if project.is_compiled else []
        _told([*uv, "pip", "install", "-q", "--python", python, *wanted])
        whole.touch()
    own = _told([python, "-c", _OWN, project.name]).strip()
    script, *rest = project.startup.split()
    bare = int(_told([python, "-c", "import sys; print(len(sys.modules))"]))
    counts: list[int | str] = []
    outputs = []
    adopted = _copied(place, "adopted", own), _copied(place, "adopted-risky", own)
    for packages, path in (("", ""), ("", adopted[0]), ("", adopted[1]), (own, "")):
        if path is None:
            counts.append("")
            continue
        told = place / "native-count"
        command: list[str | Path] = [python, "-c", COUNT_LAZILY, told, packages, environment / "bin" / script, *rest]
        outputs.append(_told(command, PYTHONPATH=path))
        counts.append(int(told.read_text(encoding="utf-8")) - bare)
    if len(set(outputs)) > 1:
        raise subprocess.CalledProcessError(1, [project.startup], stderr="the program prints something else")
    return counts


def _copied(place: Path, adopted: str, own: str) -> str | None:
    """Copy the packages of an adopted environment to where they lie alone; None where that was not made."""
    sources = place / f"native-{adopted}"
    shutil.rmtree(sources, ignore_errors=True)
    for site in (place / adopted / "lib").glob("python*/site-packages"):
        for name in {module.partition(".")[0] for module in own.split(",")}:
            if (site / name).is_dir():
                shutil.copytree(site / name, sources / name, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    return str(sources) if sources.is_dir() else None


def _told(command: Sequence[str | Path], **variables: str) -> str:
    """Return what a command prints."""
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONHASHSEED": "0", **variables}
    words = [str(word) for word in command]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
