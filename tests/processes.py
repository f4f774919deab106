"""Child processes and fresh environments in which nothing of the shell, the user or an index has a say."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import wheelhouse

Env = Mapping[str, str]

RUNTIME = wheelhouse.ROOT / "src"

# What asks a child process to measure coverage; conftest.py moves it here, so that only RunPython hands it on, and only
# in the tests of the runtime: what is started by other means may be killed or cramped and would leave half a data file,
# and what measures loads modules that the samples of the other tests defer.
MEASURED: dict[str, str] = {}

# Builds that no index, user configuration or variable of the shell reaches inherit these, and nothing else.
_INHERITED = ("COMSPEC", "LANG", "LC_ALL", "LC_CTYPE", "PATHEXT", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")


def clean_env(home: Path) -> dict[str, str]:
    """Return an environment of one's own: HOME is ``home``, and of the shell's variables only the harmless remain."""
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        # The interpreter that runs the tests, and the uv beside it, come first.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "HOME": str(home),
        "USERPROFILE": str(home),
    }


def offline(home: Path, *links: Path) -> dict[str, str]:
    """Return a clean environment in which pip, uv, build and hatch find the wheels in ``links``, and no index."""
    # As addresses: pip splits its list at blanks, and a path may hold some.
    addresses = [link.as_uri() for link in links]
    return {
        **clean_env(home),
        "HATCH_CACHE_DIR": str(home / "hatch-cache"),
        "HATCH_DATA_DIR": str(home / "hatch-data"),
        "HATCH_PYTHON": sys.executable,
        # Nothing listens there: what asks an index all the same fails at once and says so.
        "ALL_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "PIP_CACHE_DIR": str(home / "pip-cache"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_FIND_LINKS": " ".join(addresses),
        "PIP_NO_INDEX": "1",
        "UV_CACHE_DIR": str(home / "uv-cache"),
        "UV_FIND_LINKS": ",".join(addresses),
        "UV_NO_CONFIG": "1",
        "UV_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        # Not UV_PYTHON: the uv that hatch runs would install into that interpreter.
        "UV_PYTHON_DOWNLOADS": "never",
    }


def run(command: Sequence[str | Path], *, env: Env, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run ``command``; unless ``check`` is off, a failure fails the test with all that was printed."""
    done = subprocess.run(
        [str(part) for part in command],
        env=env,
        cwd=cwd,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
        timeout=300,
    )
    if check and done.returncode:
        message = f"{' '.join(map(str, command))} exited with {done.returncode}\n{done.stdout}\n{done.stderr}"
        raise AssertionError(message)
    return done


def fresh(path: Path) -> Path:
    """Return ``path`` or, where that is taken, the first of ``path-2``, ``path-3``... that is not."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


@dataclass(frozen=True)
class Venv:
    """A fresh virtual environment that installs from the wheelhouse and the wheels of the tree."""

    path: Path
    env: Env

    @property
    def bin(self) -> Path:
        """Where its commands are."""
        return self.path / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.bin / ("python.exe" if os.name == "nt" else "python")

    @property
    def site_packages(self) -> Path:
        """Where it installs to."""
        scheme = "nt" if os.name == "nt" else "posix_prefix"  # 3.10 has no scheme "venv"
        return Path(sysconfig.get_path("purelib", scheme, {"base": str(self.path)}))

    def install(self, *arguments: str | Path, with_pip: bool = False) -> subprocess.CompletedProcess[str]:
        """Install wheels, requirements or ``"-e", project`` with uv, or with pip; a failure fails the test."""
        tool = [sys.executable, "-m", "pip", "--python", self.python] if with_pip else ["uv", "pip"]
        target: list[str | Path] = [] if with_pip else ["--python", self.python]
        return run([*tool, "install", *target, *arguments], env=self.env, cwd=self.path)

    def run(
        self, *arguments: str | Path, env: Env | None = None, cwd: Path | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its commands, ``"python"`` or a script, with ``env`` on top of the clean environment."""
        command, *rest = arguments
        return run([self.bin / command, *rest], env={**self.env, **(env or {})}, cwd=cwd or self.path, check=check)


@dataclass(frozen=True)
class MakeVenv:
    """Makes fresh virtual environments of the interpreter that runs the tests."""

    directory: Path
    env: Env

    def __call__(self, *requirements: str | Path) -> Venv:
        """Make one, about 0.1 s, and install ``requirements``, wheels among them."""
        path = fresh(self.directory / "venv")
        run(["uv", "venv", "--python", sys.executable, path], env=self.env, cwd=self.directory)
        venv = Venv(path, self.env)
        if requirements:
            venv.install(*requirements)
        return venv


@dataclass(frozen=True)
class RunPython:
    """Runs code in an interpreter of its own, in a clean environment."""

    directory: Path
    home: Path
    measured: bool = False

    def __call__(
        self,
        code: str,
        *args: str,
        path: Sequence[Path] = (),
        runtime: bool = True,
        env: Env | None = None,
        flags: Sequence[str] = (),
        python: str | Path = sys.executable,
        cwd: Path | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``code``, which can import from ``path`` and, unless ``runtime`` is off, `deferred_imports` of the tree.

        ``env`` comes on top of the clean environment, ``flags`` are the interpreter's. A failure fails the test with
        all that was printed; ``check=False`` hands it to the test.
        """
        importable = os.pathsep.join(map(str, [*path, *([RUNTIME] if runtime else [])]))
        measures = MEASURED if self.measured else {}
        whole = {**clean_env(self.home), **measures, "PYTHONPATH": importable, **(env or {})}
        return run([python, *flags, "-c", code, *args], env=whole, cwd=cwd or self.directory, check=check)
