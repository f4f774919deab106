"""The names of the standard library, the same sets whichever Python asks: what 3.10 to 3.15 have, all together."""

from __future__ import annotations

import sys

from deferred_imports.tooling.table.submodules import SUBMODULES

# What some of 3.10 to 3.15 have and others do not; a test compares this with every interpreter it can get.
_NOT_IN_ALL = """
    _android_support _apple_support _ast_unparse _bootsubprocess _colorize _compression _crypt _hmac _interpchannels
    _interpqueues _interpreters _ios_support _math_integer _msi _opcode_metadata _py_warnings _pydatetime _pylong
    _pyrepl _remote_debugging _sha2 _sha256 _sha512 _suggestions _sysconfig _tokenize _types _typing _wmi _zstd aifc
    annotationlib asynchat asyncore audioop binhex cgi cgitb chunk compression crypt distutils imghdr imp lib2to3
    mailcap msilib nis nntplib ossaudiodev pipes profiling smtpd sndhdr spwd sre_compile sre_constants sre_parse sunau
    telnetlib tomllib uu xdrlib
"""

# What only some systems have, or only where Python was built or packaged with it.
_NOT_ON_ALL_SYSTEMS = """
    _curses _overlapped _posixsubprocess _scproxy _tkinter _winapi asyncio.unix_events asyncio.windows_events crypt
    curses dbm.gnu dbm.ndbm fcntl grp idlelib msilib msvcrt nis nt ossaudiodev posix pty pwd readline resource spwd
    syslog termios tkinter tty turtle turtledemo winreg winsound
"""

# Packages of it whose modules `from package import module` imports; of the others it takes what they hold themselves.
PACKAGES = frozenset(
    """
    asyncio collections compression compression.zstd concurrent concurrent.futures concurrent.interpreters ctypes
    ctypes.macholib curses dbm distutils distutils.command email email.mime encodings ensurepip html http idlelib
    importlib importlib.metadata importlib.resources json lib2to3 lib2to3.fixes lib2to3.pgen2 logging
    multiprocessing multiprocessing.dummy os pathlib profiling profiling.sampling profiling.sampling.live_collector
    profiling.tracing pydoc_data pyexpat re sqlite3 string sysconfig tkinter tomllib turtledemo unittest urllib venv
    wsgiref xml xml.dom xml.etree xml.parsers xml.parsers.expat xml.sax xmlrpc zipfile zoneinfo
    """.split()
)

NOT_EVERYWHERE = frozenset(f"{_NOT_IN_ALL} {_NOT_ON_ALL_SYSTEMS}".split())

STANDARD_LIBRARY = sys.stdlib_module_names | frozenset(_NOT_IN_ALL.split())

# What others add to, so that nobody can list what is in there.
_OPEN = frozenset({"distutils", "encodings", "test"})


def is_standard(module: str) -> bool:
    """Tell whether a module lies in the standard library of some Python from 3.10 to 3.15."""
    return module.partition(".")[0] in STANDARD_LIBRARY


def is_misspelt(module: str) -> bool:
    """Tell whether a name lies in the standard library, and no Python from 3.10 to 3.15 has such a module."""
    top, dot, _ = module.partition(".")
    return bool(dot) and top in STANDARD_LIBRARY - _OPEN and module not in SUBMODULES
