"""What a program is started by that is not everywhere: sudo, an ssh server, a clock that jumps."""

import getpass
import os
import shlex
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from residents import PATIENCE, Program, shown, wait_until

Atlas = Callable[[str], Program]

SUDO = shutil.which("sudo") or ""
SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
CLOCK = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)

SHOW = """
    import os, sys
    def main():
        print(sys.argv[1:], os.getcwd(), os.environ.get("PWD"), os.environ.get("SSH_CONNECTION", "")[:9], os.umask(0))
        print(os.isatty(0), os.isatty(1), os.isatty(2), os.getuid(), sorted(os.listdir("/proc/self/fd"))[:3])
        print("wrong", file=sys.stderr, flush=True)
        print(sys.stdin.readline(), end="")
        return 5
"""


@pytest.mark.skipif(not SUDO or os.getuid() != 0, reason="needs sudo, and to be root: it asks nothing then")
def test_sudo(atlas: Atlas) -> None:
    """18: through sudo a program runs directly, with what sudo gives it, whoever is resident."""
    probe = subprocess.run([SUDO, "-n", "true"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    if probe.returncode:
        pytest.skip(f"not here: {probe.stderr}")
    program = atlas(SHOW)
    program.start()
    asked = [f"{name}={program.variables[name]}" for name in ("XDG_RUNTIME_DIR", "PYTHONPATH")]
    ran = [
        program.run("a", before=[SUDO, "-n", "env", *asked, f"PYDEFER_RESIDENT={asks}"], stdin=b"said\n")
        for asks in (0, 1)
    ]
    assert shown(ran[0]) == shown(ran[1])
    assert (ran[1].returncode, ran[1].stdout.splitlines()[-1]) == (5, b"said")
    assert "direct: the variable SUDO_UID is set" in program.events()
    assert program.served() == 0


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[list[str]]:
    """The command that logs in to this machine, at an ssh server that runs as long as a test."""
    keygen = shutil.which("ssh-keygen")
    if not SSHD or not keygen or not shutil.which("ssh"):
        pytest.skip("needs an ssh server and its client")
    for name in ("host", "key"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    shutil.copy(tmp_path / "key.pub", tmp_path / "authorized")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Its environment is what it reads from here: a login has none of the variables that a test has.
    options = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "authorized",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "yes",
    }
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    command = [
        SSHD,
        "-D",
        "-e",
        "-f",
        os.devnull,
        *(part for item in options.items() for part in ("-o", "=".join(map(str, item)))),
    ]
    log = tmp_path / "sshd.log"
    with log.open("wb") as errors, subprocess.Popen(command, stderr=errors, stdin=subprocess.DEVNULL) as server:
        try:
            wait_until(
                lambda: "Server listening" in log.read_text("utf-8") or server.poll() is not None, "no ssh server"
            )
            if server.poll() is not None:
                pytest.skip(f"no ssh server can run here: {log.read_text('utf-8')}")
            login = [
                *("ssh", "-F", os.devnull, "-p", str(port), "-i", str(tmp_path / "key"), "-o", "BatchMode=yes"),
                *("-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={os.devnull}", "-o", "LogLevel=ERROR"),
                f"{getpass.getuser()}@127.0.0.1",
            ]
            probe = subprocess.run([*login, "true"], capture_output=True, text=True, timeout=PATIENCE, check=False)
            if probe.returncode:  # an account may be locked
                pytest.skip(f"no login is possible here: {probe.stderr} {log.read_text('utf-8')}")
            yield login
        finally:
            server.terminate()


def test_ssh(ssh: list[str], atlas: Atlas) -> None:
    """18: what is called on a host through ssh is as it is directly, with its input, both outputs and its exit code."""
    program = atlas(SHOW)
    names = ("XDG_RUNTIME_DIR", "PYTHONPATH")

    def call(asks: int) -> "subprocess.CompletedProcess[bytes]":
        variables = [f"{name}={program.variables[name]}" for name in names]
        line = shlex.join(
            ["env", "-u", "SSH_CLIENT", *variables, f"PYDEFER_RESIDENT={asks}", str(program.script), "a b"]
        )
        return subprocess.run([*ssh, line], input=b"said\n", capture_output=True, timeout=PATIENCE, check=False)

    direct = call(0)
    assert direct.returncode == 5, direct.stderr
    assert call(1).returncode == 5  # which starts the process: a login has other variables than this test
    wait_until(program.processes, "no process gets ready")
    through = call(1)
    assert (through.returncode, through.stdout, through.stderr) == (direct.returncode, direct.stdout, direct.stderr)
    assert through.stdout.endswith(b"said\n")
    assert b"127.0.0.1" in through.stdout
    assert program.served() == 1, program.events()


WITHOUT_FILES = """
    import os
    def main():
        from deferred_imports.resident import run
        if not os.environ["PYDEFER_RESIDENT"].startswith("serve"):
            os.closerange(3, 10)  # what libfaketime keeps open, with which each call would run directly
        return run("atlas:main")
"""


@pytest.mark.skipif(CLOCK is None, reason="needs libfaketime")
@pytest.mark.parametrize("jump", ["+400d", "-400d"])
def test_a_clock_that_jumps(jump: str, atlas: Atlas, tmp_path: Path) -> None:
    """28: when the clock is set, the process stays, has been idle for as long as it has, and calls see the new time."""
    program = atlas("import time\ndef main(): print(time.localtime().tm_year)")
    program.write({"door.py": WITHOUT_FILES})
    now = tmp_path / "now"
    now.write_text("+0\n", "ascii")
    program.variables.update(
        LD_PRELOAD=str(CLOCK),
        FAKETIME_TIMESTAMP_FILE=str(now),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        NO_FAKE_STAT="1",
    )
    program.start()
    server = program.pid()
    first = program.both().stdout
    now.write_text(f"{jump}\n", "ascii")
    (found,) = program.processes()
    assert 0 <= float(found["idle"].split()[0]) < PATIENCE
    assert program.both().stdout != first
    assert program.pid() == server
