"""Interpreters on systems of all kinds, what PEP 508 compares of each, and what Python says there."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from types import SimpleNamespace

Info = tuple[int, int, int, str, int]

KINDS = {"alpha": "a", "beta": "b", "candidate": "rc"}


class WindowsVersion(tuple[int, int, int]):
    """What sys.getwindowsversion() returns, as far as it is used."""

    __slots__ = ()

    major = property(operator.itemgetter(0))
    build = property(operator.itemgetter(2))


@dataclass(frozen=True)
class Computer:
    """An interpreter on a system: what PEP 508 says of it, and what `sys` and `os` hold there."""

    info: Info
    implementation: tuple[str, str, Info]  # sys.implementation.name, platform.python_implementation(), version
    platform: str
    system: str
    release: str
    version: str
    machine: str

    def __str__(self) -> str:
        return f"{self.implementation[0]} {_spell(self.info)} on {self.system} {self.release}"

    @property
    def environment(self) -> dict[str, str]:
        """What PEP 508 has variables for."""
        return {
            "implementation_name": self.implementation[0],
            "implementation_version": _spell(self.implementation[2]),
            "os_name": "nt" if self.platform == "win32" else "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": self.implementation[1],
            "platform_release": self.release,
            "platform_system": self.system,
            "platform_version": self.version,
            "python_full_version": _spell(self.info),
            "python_version": f"{self.info[0]}.{self.info[1]}",
            "sys_platform": self.platform,
        }

    def evaluate(self, expression: str, **others: object) -> object:
        """Evaluate an expression that may use nothing but `sys`, `os` and others, not even a builtin."""
        fake_sys = SimpleNamespace(
            version_info=self.info,
            version=f"{_spell(self.info)} (main, Oct  1 2026) [GCC]",
            platform=self.platform,
            implementation=SimpleNamespace(name=self.implementation[0], version=self.implementation[2]),
        )
        fake_os = SimpleNamespace(name="nt" if self.platform == "win32" else "posix", environ={})
        if self.platform == "win32":
            major, minor, build = map(int, self.version.split("."))
            fake_sys.getwindowsversion = lambda: WindowsVersion((major, minor, build))
            fake_os.environ = {"PROCESSOR_ARCHITECTURE": self.machine}
        else:
            names = SimpleNamespace(
                sysname=self.system, release=self.release, version=self.version, machine=self.machine
            )
            fake_os.uname = lambda: names
        return eval(expression, {"__builtins__": {}, "sys": fake_sys, "os": fake_os, **others})  # noqa: S307 - what it is for


def _spell(info: Info) -> str:
    major, minor, micro, level, serial = info
    return f"{major}.{minor}.{micro}" + ("" if level == "final" else f"{KINDS[level]}{serial}")


def _cpython(info: Info, *system: str) -> Computer:
    return Computer(info, ("cpython", "CPython", info), *system)


LINUX = ("linux", "Linux", "6.1.0-18-amd64", "#1 SMP Debian 6.1.76-1 (2024-02-01)", "x86_64")
WSL = ("linux", "Linux", "5.15.153.1-microsoft-standard-WSL2", "#1 SMP Fri Mar 29 2024", "x86_64")
MAC = ("darwin", "Darwin", "20.6.0", "Darwin Kernel Version 20.6.0", "arm64")
WINDOWS_10 = ("win32", "Windows", "10", "10.0.19045", "AMD64")
WINDOWS_11 = ("win32", "Windows", "11", "10.0.22631", "ARM64")
BSD = ("freebsd14", "FreeBSD", "14.0-RELEASE", "FreeBSD 14.0-RELEASE releng/14.0", "amd64")
COMPUTERS = [
    _cpython((3, 10, 0, "final", 0), *LINUX),
    _cpython((3, 10, 13, "final", 0), *WINDOWS_10),
    _cpython((3, 11, 0, "candidate", 2), *MAC),
    _cpython((3, 11, 4, "final", 0), *WINDOWS_11),
    _cpython((3, 12, 1, "final", 0), *WSL),
    _cpython((3, 15, 0, "alpha", 1), *LINUX),
    _cpython((3, 15, 0, "beta", 3), *BSD),
    _cpython((3, 15, 0, "candidate", 1), *LINUX),
    _cpython((3, 15, 0, "final", 0), *LINUX),
    _cpython((3, 15, 1, "candidate", 1), *LINUX),
    _cpython((4, 0, 0, "final", 0), *LINUX),
    Computer((3, 10, 14, "final", 0), ("pypy", "PyPy", (7, 3, 17, "final", 0)), *LINUX),
    Computer((3, 12, 8, "final", 0), ("graalpy", "GraalVM", (25, 0, 0, "final", 0)), *MAC),
    Computer((3, 14, 0, "final", 0), ("rustpython", "RustPython", (0, 4, 0, "alpha", 0)), *LINUX),
]


VERSIONS = (
    "3",
    "3.0",
    "3.1",
    "3.10",
    "3.10.0",
    "3.11",
    "3.11.0.0",
    "3.11.4",
    "3.12.1",
    "3.15",
    "3.15.0",
    "3.15.1",
    "4",
    "7.3.17",
    " 3.11 ",
)
PRE_RELEASES = ("3.11.0rc2", "3.15a1", "3.15.0b3", "3.15.0rc1", "3.15.0rc2", "3.15.1rc1")
PREFIXES = ("3.*", "3.1.*", "3.10.*", "3.11.*", "3.11.0.*", "3.11.4.*", "3.15.*", "3.15.0.*")
ORDER = ("<", "<=", ">", ">=", "==", "!=")


def _texts(variable: str) -> list[str]:
    values = sorted({computer.environment[variable] for computer in COMPUTERS})
    return [*values, values[0].upper(), values[-1][:3], " ".join(values), "", "é \\\\"]


def _comparisons() -> list[str]:
    """Return every kind of comparison that can be translated, in both directions where that is so."""
    found = []
    for variable in ("python_version", "python_full_version", "implementation_version"):
        pre = () if variable == "python_version" else PRE_RELEASES
        found += [f"{variable} {op} '{text}'" for op in ORDER for text in VERSIONS + pre]
        found += [f"'{text}' {op} {variable}" for op in ORDER for text in VERSIONS]
        found += [f"{variable} ~= '{text}'" for text in VERSIONS + pre if "." in text]
        found += [f"{variable} {op} '{text}'" for op in ("==", "!=") for text in PREFIXES]
    for variable in ("python_version", "python_full_version"):
        found += [f"{variable} === '{text}'" for text in ("3.11", "3.11.4", "3.15.0RC1", "3.15.0c1", "3.11.0")]
        found += [f"{variable} {op} '3.10 3.11.4 3.15.0rc1'" for op in ("in", "not in", "not  in")]
        found += [f"'{text}' {op} {variable}" for op in ("in", "not in") for text in ("3.1", "rc", "11")]
    for variable in (
        *("os_name", "sys_platform", "implementation_name", "platform_system", "platform_machine"),
        *("platform_python_implementation", "platform_version", "platform_release"),
    ):
        ops = ("in", "not in") if variable.endswith(("release", "platform_version")) else ("==", "!=", "in", "not in")
        found += [f'{variable} {op} "{text}"' for op in ops for text in _texts(variable)]
        found += [f'"{text}" {op} {variable}' for op in ops for text in _texts(variable)]
    found += ["platform_version == '#1 SMP Fri Mar 29 2024'", "platform_release != '6.1.0-18-amd64'"]
    found += [
        "os.name == 'nt'",
        "sys.platform == 'win32'",
        "platform.machine == 'AMD64'",
        "python_implementation == 'PyPy'",
    ]
    return found


COMPARISONS = _comparisons()
