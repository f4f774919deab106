"""The command in tests: the table of the sample project, and how child processes start it, in a terminal, too."""

import os
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from goldens import CASES
from processes import RUNTIME, clean_env

TABLE = (CASES / "registry" / "design.toml").read_text(encoding="utf-8")
# For child processes: the command, with what its caller's environment has installed.
CODE = "import sys; from deferred_imports.__main__ import main; sys.exit(main())"
INSTALLED = [Path(folder) for folder in sys.path if folder]


def run_in_terminal(
    *arguments: str, cwd: Path, home: Path, columns: int = 80, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run the command in a terminal of its own, as wide as is said, and return its exit code and all that it shows."""
    import fcntl
    import termios

    ours, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    path = os.pathsep.join(map(str, [RUNTIME, *INSTALLED]))
    environment = {**clean_env(home), "PYTHONPATH": path, "TERM": "xterm-256color", **(env or {})}
    command = [sys.executable, "-c", CODE, *arguments]
    with subprocess.Popen(command, env=environment, cwd=cwd, stdin=its, stdout=its, stderr=its) as child:
        os.close(its)
        shown = b""
        while piece := _read(ours):
            shown += piece
    os.close(ours)
    return child.returncode, shown.decode("utf-8").replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that all has been read
        return b""
