"""The suite on other systems: it can be collected where an interpreter lacks what only some systems have."""

import os
import subprocess
import sys

import pytest

from wheelhouse import ROOT

# What a system without Unix's processes, terminals and sockets does not offer.
POORER = """
import os, socket, sys
for name in ("fork", "forkpty", "openpty", "register_at_fork", "posix_fadvise", "sched_getaffinity", "pidfd_open"):
    vars(os).pop(name, None)
vars(socket).pop("AF_UNIX", None)
for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
import pytest
sys.exit(pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", "-p", "no:xdist", "tests"]))
"""


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="here every other test shows it")
def test_the_suite_can_be_collected_without_terminals_forks_and_sockets_of_unix() -> None:
    """No test file needs `openpty`, `fork`, `AF_UNIX` or the modules of Unix to be loaded: those tests skip."""
    done = subprocess.run([sys.executable, "-c", POORER], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert done.stdout.count("\n") > 100
