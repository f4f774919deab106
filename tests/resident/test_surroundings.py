"""What a call is started by, by which user, and on which system: what a child cannot be runs directly."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from residents import PATIENCE, Program, shown

Atlas = Callable[[str], Program]


SHOW = """
    import os, resource, signal, sys
    def read(name):
        with open(f"/proc/self/{name}") as file:
            return file.read()
    def main():
        print(read("oom_score_adj"), read("personality"), os.readlink("/proc/self/ns/uts"), sys.argv)
        print([line for line in read("status").splitlines() if line[:3] in ("Cap", "NoN", "Uid", "Gid", "Gro")])
        print(os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0), os.umask(0))
        print(read("limits"), signal.getsignal(signal.SIGHUP), os.isatty(0), os.isatty(1))
        return 5
"""

STARTERS = {
    "setsid -w atlas": True,
    "(setsid -w atlas < /dev/null) 2>&1 | cat; exit ${PIPESTATUS[0]}": True,
    "env -i HOME=/ PATH=/bin:/usr/bin PYTHONPATH=$PYTHONPATH $ASKED sh -c $(command -v atlas)": True,  # as cron does
    "prlimit --nofile=99:99 atlas": True,
    "nice -n 5 nohup atlas": True,
    "chrt --batch 0 atlas": False,
    "setarch --addr-no-randomize atlas": False,
    "choom -n 500 -- atlas": False,
    "setpriv --no-new-privs atlas": False,
    "unshare --user --map-root-user atlas": False,
}
"""What starts a program in a certain way, and whether a child can be what that makes of it."""


@pytest.mark.parametrize("line", STARTERS)
def test_what_starts_it(line: str, atlas: Atlas) -> None:
    """10, 18: the program finds itself as it does directly, through the resident process only where that can be."""
    program = atlas(SHOW)
    for name in ("LANG", "LC_ALL", "LC_CTYPE"):  # as `env -i`, cron and containers have it
        program.variables.pop(name, None)
    program.start()
    seen = []
    for resident in (False, True):
        asked = f"PYDEFER_RESIDENT={int(resident)} XDG_RUNTIME_DIR={program.runtime}"
        seen.append(program.shell(line.replace("$ASKED", asked), resident=resident))
    direct, through = seen
    if b"not permitted" in direct.stderr or direct.returncode == 127:
        pytest.skip(f"not here: {direct.stderr.decode()}")
    assert direct.returncode == 5, direct.stderr
    assert shown(through) == shown(direct)
    assert program.served() == int(STARTERS[line]), program.events()
    assert STARTERS[line] or "differs" in program.events()


def of_another_user(*command: str) -> list[str]:
    """Have another user run a command, who may read and write all files: so nothing but checks keeps anybody out."""
    right = "+dac_override"
    return [
        *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
        *(f"--inh-caps={right}", f"--ambient-caps={right}", f"--bounding-set={right}", *command),
    ]


@pytest.fixture
def stranger() -> Callable[..., list[str]]:
    """Have another user run a command, or skip."""
    try:
        done = subprocess.run(of_another_user("id", "-u"), capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("setpriv (util-linux) is not there")
    if done.stdout != "65534\n":
        pytest.skip(f"only root can be another user: {done.stderr.strip()}")
    return of_another_user


def test_another_user(atlas: Atlas, stranger: Callable[..., list[str]]) -> None:
    """33: a call of another user in the same directory runs directly, and a connection of theirs is closed unheard."""
    program = atlas("import os\ndef main(): print(os.getuid())")
    program.start()
    through = program.run(before=stranger())
    assert (through.returncode, through.stdout, through.stderr) == (0, b"65534\n", b"")
    (path,) = program.directory.glob("*.socket")
    ask = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
        "try:\n    s.sendall(b'deferred-imports 1\\n' + (4).to_bytes(8, 'little') + b'stop')\n"
        "    print('heard', s.recv(99))\nexcept OSError as error: print(error)"
    )
    command = stranger(sys.executable, "-c", ask, str(path))
    heard = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
    assert heard in ("heard b''\n", "[Errno 32] Broken pipe\n", "[Errno 104] Connection reset by peer\n")
    assert program.served() == 0
    assert program.both().stdout == b"0\n"


def test_a_process_of_another_user(atlas: Atlas, stranger: Callable[..., list[str]]) -> None:
    """33: what listens under our name as another user gets nothing; nor is a directory used that is another user's."""
    program = atlas("def main(): print('well')")
    program.start()
    (path,) = program.directory.glob("*.socket")
    path.unlink()
    listen = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()\n"
        "print('listens', flush=True); c, _ = s.accept(); print(c.recv(99), flush=True)"
    )
    command = stranger(sys.executable, "-c", listen, str(path))
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"listens\n"
        assert program.run().stdout == b"well\n"
        assert other.stdout.read() == b"b''\n"
    assert "direct: the resident process is another user's" in program.events()
    events = program.events()
    os.chown(program.directory, 65534, 65534)
    assert program.run().stdout == b"well\n"
    os.chown(program.directory, 0, 0)
    assert program.events() == events


@pytest.mark.usefixtures("stranger")
def test_users_and_groups_that_differ(atlas: Atlas) -> None:
    """33: where real and effective ids are not the same, the call runs directly."""
    program = atlas("import os\ndef main(): print(os.getresgid())")
    program.start()
    through = program.run(before=["setpriv", "--egid=65534", "--clear-groups"])
    assert (through.stdout, through.stderr) == (b"(0, 65534, 65534)\n", b"")
    assert "direct: real, effective and saved user or group differ" in program.events()
    assert program.served() == 0


SYSTEMS = {
    "win32": "os: fork geteuid getuid getresuid getresgid getgid getsid umask pidfd_open setsid; socket: AF_UNIX",
    "darwin": "os: getresuid getresgid pidfd_open sched_getaffinity; socket: MSG_CMSG_CLOEXEC",
    "emscripten": "os: fork pidfd_open getresuid getresgid setsid; socket: AF_UNIX",
    "linux": "os: pidfd_open",  # where Python was built for an older kernel
}
"""What systems lack, by what Python calls them."""


@pytest.mark.parametrize("system", SYSTEMS)
def test_another_system(system: str, atlas: Atlas) -> None:
    """36: where there is no fork, no socket or no user, every call runs directly, and not a word is said.

    No other system is here: the interpreter loses what it lacks there before the program begins.
    """
    program = atlas("import sys\ndef main():\n    print(sys.argv[1:])\n    return 3")
    lacks = [part.partition(": ") for part in SYSTEMS[system].split("; ")]
    code = [f"import os, _socket as socket, sys; sys.platform = {system!r}"]
    code += [f"for name in {names.split()!r}: vars({module}).pop(name)" for module, _, names in lacks]
    program.write({"sitecustomize.py": "\n".join(code)})
    direct, through = (program.run("x", resident=resident) for resident in (False, True))
    assert shown(through) == shown(direct) == "exit 3\n['x']\n\n---\n"
    assert program.processes() == []
    if system == "win32":
        return  # what the command uses of the standard library would look for what Windows has
    done = program.command("status")
    assert "Traceback" not in done.stderr
    done = program.command("start", str(program.script))
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert ("built for an older Linux" if system == "linux" else "this system is not Linux") in done.stderr
