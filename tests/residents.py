"""Programs that offer to be resident, with everything real: scripts, processes, terminals, signals."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from deferred_imports.resident import asking
from processes import RUNTIME, clean_env

PATIENCE = 60
"""Seconds that anything may take: who waits, waits for an event, and this is its end where that never comes."""

DOOR = """
def main():
    from deferred_imports.resident import run
    return run("atlas:main")
"""
SCRIPT = """#!{python}
import sys
from door import main
if __name__ == "__main__":
    sys.exit(main())
"""

BASH = shutil.which("bash") or "bash"

Done = subprocess.CompletedProcess[bytes]


@dataclass(frozen=True)
class Program:
    """The program ``atlas`` in a directory: a script, a door, and the module that the test has written.

    Attributes:
        path: Where it is.
        runtime: The user's XDG_RUNTIME_DIR.
        variables: The whole environment, which asks for the resident process.
    """

    path: Path
    runtime: Path
    variables: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, path: Path, runtime: Path, home: Path, code: str, python: str = sys.executable) -> "Program":
        """Write the program whose module has this code, for an interpreter."""
        importable = os.pathsep.join(map(str, (path, RUNTIME)))
        variables = {name: value for name, value in clean_env(home).items() if name != "TMPDIR"}
        variables |= {"PYTHONPATH": importable, "XDG_RUNTIME_DIR": str(runtime), "PYDEFER_RESIDENT": "1"}
        program = cls(path, runtime, variables)
        program.write({"atlas.py": code, "door.py": DOOR, "atlas": SCRIPT.format(python=python)})
        program.script.chmod(0o755)
        return program

    @property
    def script(self) -> Path:
        """What a user calls."""
        return self.path / "atlas"

    @property
    def directory(self) -> Path:
        """Where the resident processes are found."""
        return self.runtime / "deferred-imports"

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, path to text, each as a new file with a time of its own."""
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text), encoding="utf-8", newline="\n")

    def env(self, env: Mapping[str, str] | None = None, *, resident: bool = True) -> dict[str, str]:
        """Return the environment of a call."""
        return {**self.variables, **({} if resident else {"PYDEFER_RESIDENT": "0"}), **(env or {})}

    def popen(
        self,
        *args: str | bytes,
        resident: bool = True,
        env: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        stdin: int = subprocess.DEVNULL,
        cwd: Path | None = None,
        session: bool = True,
    ) -> "subprocess.Popen[bytes]":
        """Start a call, in a session without a terminal, and return it with its output as pipes.

        Args:
            args: Its arguments.
            resident: Whether it asks for the resident process; its environment may say otherwise.
            env: Variables on top.
            before: What starts it, as in ``["nohup"]``.
            stdin: Its standard input.
            cwd: Where it runs.
            session: Whether the session is its own.
        """
        return subprocess.Popen(
            [*before, str(self.script), *args],
            env=self.env(env, resident=resident),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd or self.path,
            start_new_session=session,
        )

    def run(
        self,
        *args: str | bytes,
        resident: bool = True,
        env: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        stdin: bytes | None = None,
        cwd: Path | None = None,
    ) -> Done:
        """Make a call, and return what came of it."""
        call = self.popen(
            *args,
            resident=resident,
            env=env,
            before=before,
            cwd=cwd,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        )
        output, errors = call.communicate(stdin, timeout=PATIENCE)
        return subprocess.CompletedProcess(call.args, call.returncode, output, errors)

    def shell(
        self, line: str, *, resident: bool = True, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Done:
        """Have bash run a line that calls ``atlas``."""
        path = f"{self.path}{os.pathsep}{self.variables['PATH']}"
        return subprocess.run(
            [BASH, "-c", line],
            env=self.env({"PATH": path, **(env or {})}, resident=resident),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=cwd or self.path,
            start_new_session=True,
            timeout=PATIENCE,
            check=False,
        )

    def command(self, *args: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """Run ``python -m deferred_imports.resident``."""
        return subprocess.run(
            [sys.executable, "-m", "deferred_imports.resident", *args],
            env=self.env(env, resident=False),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.path,
            start_new_session=True,
            timeout=PATIENCE,
            check=False,
        )

    def start(self, env: Mapping[str, str] | None = None) -> None:
        """Have it resident, and wait until it is ready."""
        done = self.command("start", str(self.script), env=env)
        assert done.returncode == 0, f"{done.stderr}\n{self.events()}\n{self.logs()}"

    def both(self, *args: str | bytes, env: Mapping[str, str] | None = None, **how: object) -> Done:
        """Make a call directly and one through the resident process, and assert that nothing tells them apart."""
        direct = self.run(*args, resident=False, env=env, **how)  # type: ignore[arg-type]  # handed on as it came
        served = self.served()
        through = self.run(*args, env=env, **how)  # type: ignore[arg-type]  # handed on as it came
        assert shown(through) == shown(direct), f"through it:\n{shown(through)}\n\ndirectly:\n{shown(direct)}"
        assert self.served() == served + 1, self.events()
        return through

    def processes(self) -> list[dict[str, str]]:
        """Return what each resident process says of itself."""
        return list(asking.running(str(self.directory)).values()) if self.directory.exists() else []

    def served(self) -> int:
        """Return how many calls the resident processes have made."""
        return sum(int(found["calls"]) for found in self.processes())

    def pid(self) -> int:
        """Return the process id of the one resident process."""
        (found,) = self.processes()
        return int(found["process"])

    def events(self) -> str:
        """Return what has happened."""
        return "".join(file.read_text("utf-8") for file in sorted(self.directory.glob("*.events")))

    def logs(self) -> str:
        """Return what the resident processes have printed."""
        return "".join(file.read_text("utf-8") for file in sorted(self.directory.glob("*.log")))

    def end(self) -> None:
        """End what is resident or about to be, and wait for it."""
        clear(self.runtime)


PREFIX = "resident-"


def make_runtime() -> Path:
    """Make a directory for XDG_RUNTIME_DIR: the path of a socket has to be short, so not with the test."""
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))


def clear_abandoned() -> None:
    """End what test runs have left behind that were killed."""
    for runtime in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        maker = runtime.name.split("-")[1]
        if maker.isdecimal() and runtime.stat().st_uid == os.getuid() and not Path("/proc", maker).exists():
            clear(runtime)


def clear(runtime: Path) -> None:
    """End all processes that have this XDG_RUNTIME_DIR, and remove it."""
    while found := _processes_of(runtime):
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            wait_for_end(pid)
    shutil.rmtree(runtime, ignore_errors=True)


def _processes_of(runtime: Path) -> list[int]:
    """Return the processes that were started with this XDG_RUNTIME_DIR."""
    variable = b"\0XDG_RUNTIME_DIR=%b\0" % os.fsencode(runtime)
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if variable in b"\0" + (place / "environ").read_bytes():
                found.append(int(place.name))
        except OSError:  # it has ended, or is another user's
            pass
    return found


def shown(done: Done) -> str:
    """Return what a call has come to, as text that can be compared and read."""
    output, errors = (text.decode("utf-8", "backslashreplace") for text in (done.stdout, done.stderr))
    return re.sub(r"0x[0-9a-f]+", "0x", f"exit {done.returncode}\n{output}\n---\n{errors}")


def wait_for_end(pid: int) -> None:
    """Wait until a process that is no child of ours has ended."""
    try:
        file = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        poll = select.poll()
        poll.register(file, select.POLLIN)
        assert poll.poll(PATIENCE * 1000), f"{pid} does not end"
    finally:
        os.close(file)


def wait_until(happened: "object", what: str) -> None:
    """Wait until a function returns something true: for what no event tells."""
    assert callable(happened)
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, what
        time.sleep(0.01)
