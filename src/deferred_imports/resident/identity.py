"""What has to be the same for a process to stand in for another, and where it is then found.

Client and server compute it alike. All of it is compared as text; only names of files are made of hashes. What loading
the program has turned out to depend on besides (`reads`) comes on top, and gives the second of the names.

The files lie in ``deferred-imports`` in ``XDG_RUNTIME_DIR``, or in a directory of the user's in ``/tmp``: the user's
alone, and checked each time.

- ``NAME.socket``, on which a process listens that is ready; ``NAME.lock``, which it holds from its start to its end
- ``NAME.failed``: why it could not become ready, and what has to change before it is tried again
- ``NAME.log``: what it prints
- ``PROGRAM.reads``: on what loading the program depends; ``PROGRAM.events``: see `events`
- ``started``: the programs that ``start`` was asked for
"""

import os
import sys

FORMAT = 1
"""Of what goes over the wire, and of the files in the directory; part of the identity."""

# What the interpreter, the loader, the C library and libraries in C read for themselves, when they start.
_READ_IN_C = tuple(
    b"PYTHON LD_ LC_ MALLOC_ GLIBC_ GCONV_ LOCPATH NLSPATH TZ LANG OMP_ GOMP_ KMP_ OPENBLAS_ GOTO_ MKL_ BLIS_ NUMEXPR_ "
    b"ATLAS_ VECLIB_ RAYON_ CUDA_ NVIDIA_ NCCL_ HIP_ ROCR_ TORCH_ PYTORCH_ ATEN_ TF_ XLA_ JAX_ TBB_ OPENSSL_ SSL_ "
    b"SSLKEYLOGFILE ICU_ XDG_RUNTIME_DIR".split()
)
# What differs from one terminal or call to the next; of a program that reads all variables, we take it not to mean it.
_OF_A_CALL = b"_ PWD OLDPWD SHLVL COLUMNS LINES PYDEFER_RESIDENT WINDOWID COLORTERM".split()

# The names in ``reads`` that are no variables.
ALL, ARGUMENTS, FIRST, DIRECTORY, TERMINAL, SIZE = "%all", "%argv", "%argv0", "%cwd", "%tty", "%size"


def program(target: str) -> str:
    """Return the identity of this process, as far as it is known before the program is loaded.

    Raises:
        ValueError: It was not started in a way that can be done again; the text says why.
    """
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    spec = getattr(main, "__spec__", None)
    if not file:
        raise ValueError("the program does not stand in a file")
    if "\n" in file:
        raise ValueError("its path has more than one line")
    variables = [b"%b=%b" % item for item in variables_now().items() if item[0].startswith(_READ_IN_C)]
    return "\n".join(
        (
            file,
            f"deferred-imports {FORMAT} {sys.version} {[*sys.flags]} {sys.warnoptions} {os.getuid()} {os.getgid()}",
            f"{target} {spec and spec.name} {sys.orig_argv[1 : -len(sys.argv)]} {_session()}",
            *(sys.executable, sys.prefix, sys.exec_prefix, sys.base_prefix),
            *sys.path,
            os.fsdecode(b"\n".join(sorted(variables))),
        )
    )


def variables_now() -> "dict[bytes, bytes]":
    """Return what stands behind ``os.environ``, all at once."""
    return os.environ._data  # type: ignore[attr-defined, no-any-return]  # noqa: SLF001 - one by one takes ten times as long


def _session() -> str:
    """Return what ties this process to a terminal, and the control group that it is accounted to."""
    try:
        file = os.open("/proc/self/cgroup", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return "-"
    group = os.read(file, 4096)
    os.close(file)
    return f"{session() or 'no terminal'} {group!r}"


def session() -> int:
    """Return the id of the session if it has a controlling terminal, else 0.

    In a session with a terminal, the server and the child of a call belong to it: so that the terminal's signals, its
    job control and ``/dev/tty`` are theirs, too. One server serves all sessions without.
    """
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return 0
    leader = os.getsid(0)
    if leader == os.getpid():
        raise ValueError("the session with the terminal ends with this process")
    return leader


def name_of(text: str) -> str:
    """Return a name for files, of the program's and 16 hexadecimal digits; nothing relies on it, the text is compared.

    Args:
        text: An identity; its first line is the program's file.
    """
    import _imp

    program = text.partition("\n")[0].rpartition("/")[2]
    return f"{program[:24]}-{_imp.source_hash(FORMAT, text.encode('utf-8', 'surrogateescape')).hex()}"


def reads(directory: str, program: str) -> "list[str]":
    """Return on which variables loading a program has turned out to depend, see `with_reads`."""
    return os.fsdecode(content_of(f"{directory}/{name_of(program)}.reads")).split("\n")[:-1]


def content_of(path: str) -> bytes:
    """Return what a file holds, or nothing where there is none."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    content = b""
    while more := os.read(file, 1 << 14):  # to have the system make room for all that could be there takes longer
        content += more
    os.close(file)
    return content


def with_reads(text: str, reads: "list[str]", environment: "Mapping[bytes, bytes]", ttys: str = "") -> str:
    """Return an identity with the values of what else it depends on.

    Args:
        text: The identity of the program.
        reads: Names of variables, and the names above.
        environment: The variables, before the program has changed them.
        ttys: What `terminals` returns, if not this process's own.
    """
    values = [f"{name} {_value(name, environment, ttys)!r}" for name in reads]
    if not all(place.startswith("/") for place in sys.path):
        values.append(f"{DIRECTORY} {os.getcwd()!r}")
    return "\n".join((text, *values))


def terminals() -> str:
    """Return which of the standard streams are terminals, and of which size, as in ``0,80x24,80x24``."""
    found = []
    for file in (0, 1, 2):
        try:
            size = os.get_terminal_size(file)
            found.append(f"{size.columns}x{size.lines}")
        except OSError:
            found.append("0")
    return ",".join(found)


def _value(name: str, environment: "Mapping[bytes, bytes]", ttys: str) -> object:
    if name[:1] != "%":
        return environment.get(os.fsencode(name))
    if name == FIRST:
        return sys.argv[0]
    if name == DIRECTORY:
        return os.getcwd()
    if name == TERMINAL:
        return [size != "0" for size in (ttys or terminals()).split(",")]
    if name == SIZE:
        return ttys or terminals()
    if name != ALL:
        raise ValueError(f"{name} is of another version")
    return sorted(item for item in environment.items() if item[0] not in _OF_A_CALL)


LONGEST = 107
"""Bytes that the path of a socket may have: with the NUL at its end, the kernel's limit is 108."""


class UnusableError(Exception):
    """The directory is not the user's alone; the text says what is wrong with it."""


NOT_LINUX = "this system is not Linux"


def directory() -> str:
    """Return the directory, made if need be, and not before it has been checked.

    Raises:
        UnusableError: It is another's, open to others, or a link; or there is no place for it.
    """
    if sys.platform != "linux":  # Windows has no users like these
        raise UnusableError(NOT_LINUX)
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    user = os.geteuid()
    try:
        if not runtime:
            runtime = f"/tmp/deferred-imports-{user}"  # noqa: S108 - it is checked as any other, and private
            _check(runtime, user)
        elif not runtime.startswith("/"):
            raise UnusableError("XDG_RUNTIME_DIR is not absolute")
        path = f"{runtime}/deferred-imports"
        _check(path, user)
    except OSError as error:
        raise UnusableError(f"{error.filename}: {error.strerror}") from None
    if len(path) + 49 > LONGEST:
        raise UnusableError(f"{path} is too long for a socket")
    return path


def _check(path: str, user: int) -> None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:  # another call was first
            pass
        found = os.lstat(path)
    if found.st_mode != _PRIVATE_DIRECTORY or found.st_uid != user:
        raise UnusableError(f"{path} is not a directory of this user alone (0700)")


_PRIVATE_DIRECTORY = 0o040700


TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
