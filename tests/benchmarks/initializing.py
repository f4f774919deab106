"""Tries `init` on a hundred real projects: tomllib and tomlkit read what it writes, and its own checks accept it.

    hatch run initializing [--keep DIR] [NAME ...]

For each, the source distribution is had from the index and unpacked; then `init --yes` twice, `generate`,
`generate --check`, `list` and `check --no-environment` run there. Needs uv and an index; nothing is built or installed.
Exits with 1 when something that was written is not accepted.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from deferred_imports.tooling import cli
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.table.document import table_at, text_at

#: Popular projects of all backends; command-line programs, libraries, frameworks.
NAMES = """
aiohttp alembic anyio apscheduler argcomplete arrow attrs azure-core azure-identity babel bandit beautifulsoup4 black
bleach boltons build cattrs celery certifi charset-normalizer cleo click cookiecutter coverage cyclopts datasette deptry
dnspython docutils dynaconf fastapi filelock flake8 flask fsspec gunicorn h11 hatch hatchling httpcore httpie httpx
humanize hypothesis idna importlib-metadata invoke ipykernel ipython isort itsdangerous jinja2 joblib jsonschema
jupyter-client jupytext keyring kombu litestar loguru markdown markdown-it-py marshmallow mkdocs mkdocs-material
more-itertools networkx nox openai packaging pdm pelican pip pip-tools pipx platformdirs pluggy poetry poetry-core
pre-commit prompt-toolkit pydantic pydantic-settings pygments pylint pytest pytest-xdist python-dotenv questionary
redis requests rich scrapy sentry-sdk sphinx sqlalchemy starlette structlog textual tomlkit tox tqdm trio twine typer
urllib3 uvicorn virtualenv websockets werkzeug wheel installer rich-click cachetools pyproject-hooks build flit-core
platformdirs asgiref jmespath tenacity tabulate pexpect zipp pyproject-fmt validate-pyproject mypy-extensions
typing-extensions nbformat nbclient jupyter-core traitlets mistune faker freezegun
""".split()
_LARGEST = 8 << 20  # bytes of a source distribution; larger ones are left out


@dataclass(frozen=True)
class Outcome:
    """What became of one project: each step with its exit code, and what was said where it is not 0."""

    name: str
    backend: str
    steps: Mapping[str, int]
    said: str

    @property
    def is_written(self) -> bool:
        """Whether `init` wrote the table."""
        return self.steps.get("init") == 0

    @property
    def is_accepted(self) -> bool:
        """Whether all is content with what it wrote."""
        return self.is_written and not any(self.steps.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all, print a line for each, and return 1 if something that was written is not accepted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME")
    parser.add_argument("--keep", type=Path, help="where to keep the source distributions from run to run")
    chosen = parser.parse_args(arguments)
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        archives = chosen.keep or Path(scratch, "archives")
        archives.mkdir(parents=True, exist_ok=True)
        for name, archive in fetch(chosen.names, archives):
            root = unpack(archive, Path(scratch, "tree"))
            outcomes.append(outcome := attempt(name, root))
            shutil.rmtree(Path(scratch, "tree"))
            state = "accepted" if outcome.is_accepted else "NOT ACCEPTED" if outcome.is_written else "not written"
            print(f"{name:24} {outcome.backend:36} {state:12} {outcome.said}", flush=True)
    written = [outcome for outcome in outcomes if outcome.is_written]
    accepted = [outcome for outcome in written if outcome.is_accepted]
    print(f"{len(outcomes)} projects: {len(written)} written, {len(accepted)} of them accepted")
    print(
        "backends:", ", ".join(f"{name} {count}" for name, count in Counter(o.backend for o in written).most_common())
    )
    return 0 if len(accepted) == len(written) else 1


def fetch(names: Sequence[str], directory: Path, largest: int = _LARGEST) -> Iterator[tuple[str, Path]]:
    """Yield the projects with their source distributions, had from the index if they are not kept."""
    lock = directory / "pylock.toml"
    wanted = directory / "wanted.txt"
    wanted.write_text("\n".join(names), encoding="utf-8")
    # It asks the index, builds nothing, and writes down where the archives are (PEP 751).
    command = ["uv", "pip", "compile", "--no-deps", "--quiet", "--format", "pylock.toml", "-o", str(lock), str(wanted)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    packages: list[dict[str, Any]] = read_toml(lock)["packages"]  # type: ignore[assignment]  # as the format says
    for package in packages:
        archive = package.get("sdist", {})
        if not archive or archive.get("size", 0) > largest:
            print(f"{package['name']:24} left out: {'its archive is large' if archive else 'it has no sources'}")
            continue
        path = directory / f"{package['name']}-{package['version']}.tar.gz"
        if not path.is_file():
            with urllib.request.urlopen(archive["url"], timeout=60) as answer:  # noqa: S310 - what the index said
                content = answer.read()
            if hashlib.sha256(content).hexdigest() != archive["hashes"]["sha256"]:
                raise ValueError(f"{path.name} is not what the index says")
            path.write_bytes(content)
        yield package["name"], path


def unpack(archive: Path, directory: Path) -> Path:
    """Unpack a source distribution, make it a repository, and return its directory."""
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):  # not in every 3.10 and 3.11
            tar.extractall(directory, filter="data")
        else:
            tar.extractall(directory)  # noqa: S202 - its hash was checked
    (root,) = directory.iterdir()
    (root / ".git").mkdir()
    return root


def attempt(name: str, root: Path) -> Outcome:
    """Run the verbs in a project, and return how they ended."""
    steps: dict[str, int] = {}
    if not (root / "pyproject.toml").is_file():
        return Outcome(name, "no pyproject.toml", {"init": 3}, "")
    before = read_toml(root / "pyproject.toml")
    backend = text_at(before, "build-system", "build-backend") or "none named"
    verbs = {
        "init": ["init", "--yes"],
        "init again": ["init"],
        "generate": ["generate"],
        "generate --check": ["generate", "--check"],
        "list": ["list"],
        "check": ["check", "--no-environment"],
    }
    said = ""
    for step, arguments in verbs.items():
        steps[step], output = run(arguments, root)
        if steps[step]:
            said = f"{step}: {' | '.join(output.strip().splitlines()[-3:])}"
            break
        if step == "init" and (wrong := _differences(before, root)):
            steps["read again"], said = 1, wrong
            break
    return Outcome(name, backend, steps, said)


def run(arguments: Sequence[str], root: Path) -> tuple[int, str]:
    """Run the command in a directory, in this process, and return its exit code and all that it printed."""
    output = io.StringIO()
    here = Path.cwd()
    os.chdir(root)
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            exit_code = cli.main([*arguments], here=True)
    except Exception as error:  # noqa: BLE001 - a traceback is what is looked for
        return 99, f"{output.getvalue()}\n{type(error).__name__}: {error}"
    finally:
        os.chdir(here)
    return exit_code, output.getvalue()


def _differences(before: Mapping[str, object], root: Path) -> str:
    """Return what is wrong with the file that was written, if anything."""
    path = root / "pyproject.toml"
    after = read_toml(path)
    if tomlkit.parse(path.read_text(encoding="utf-8")).unwrap() != after:
        return "tomlkit and tomllib read different things"
    for table in before.keys() - {"build-system", "tool", "project"}:
        if before[table] != after[table]:
            return f"[{table}] has changed"
    for name, value in table_at(before, "tool").items():
        if name != "hatch" and table_at(after, "tool").get(name) != value:
            return f"[tool.{name}] has changed"
    return ""


if __name__ == "__main__":
    sys.exit(main())
