"""When modules of the standard library came and went, whichever Python asks; 3.10 to 3.15."""

from __future__ import annotations

from deferred_imports.tooling.table.names import with_parents

#: The minor versions that are supported.
MINORS = range(10, 16)

# The minor version of Python 3 that first has a module, which counts for all below it.
_SINCE = {
    11: """
        _tokenize _typing asyncio.taskgroups asyncio.timeouts importlib.resources._adapters importlib.resources._common
        importlib.resources._itertools importlib.resources._legacy importlib.resources.abc importlib.resources.readers
        importlib.resources.simple importlib.simple re._casefix re._compiler re._constants re._parser tomllib
        wsgiref.types
    """,
    12: "_pydatetime _pylong _sha2 zipfile._path",
    13: """
        _colorize _interpchannels _interpqueues _interpreters _opcode_metadata _pyrepl _suggestions _sysconfig
        dbm.sqlite3 importlib.metadata.diagnose importlib.resources._functional pathlib._abc pathlib._local
    """,
    14: """
        _ast_unparse _hmac _py_warnings _remote_debugging _types _zstd annotationlib asyncio.graph asyncio.tools
        compression concurrent.futures.interpreter concurrent.interpreters ctypes._layout pathlib._os pathlib.types
        pydoc_data.module_docs string.templatelib
    """,
    15: "_math_integer importlib.metadata._context importlib.metadata._typing profiling sqlite3._completer xml.utils",
}
# The minor version that first lacks it.
_UNTIL = {
    11: "binhex distutils.command.bdist_msi importlib._adapters importlib._common",
    12: "_bootsubprocess _sha256 _sha512 asynchat asyncore distutils imp smtpd",
    13: """
        _crypt _msi aifc audioop cgi cgitb chunk crypt imghdr importlib.resources._legacy lib2to3 mailcap msilib nis
        nntplib ossaudiodev pipes sndhdr spwd sunau telnetlib tkinter.tix uu xdrlib
    """,
    14: "_compression pathlib._abc",
    15: "sre_compile sre_constants sre_parse",
}
_FIRST = {module: minor for minor, names in _SINCE.items() for module in names.split()}
_END = {module: minor for minor, names in _UNTIL.items() for module in names.split()}


def lifetime(module: str) -> range:
    """Return the minor versions of Python 3 that have a module, as far as it lies in the standard library."""
    parents = with_parents(module)
    first = max(_FIRST.get(parent, 0) for parent in parents)
    return range(first, min(_END.get(parent, 99) for parent in parents))


def when_it_is_there(module: str) -> str | None:
    """Return the words for when the standard library has a module that it has not always; None for others."""
    alive = lifetime(module)
    if alive.start:
        return f"the standard library has it from Python 3.{alive.start} on"
    return f"the standard library has it up to Python 3.{alive.stop - 1}" if alive.stop < MINORS.stop else None


def marker_for(module: str) -> str:
    """Return the marker that holds where the standard library has such a module."""
    alive = lifetime(module)
    return f"python_version >= '3.{alive.start}'" if alive.start else f"python_version < '3.{alive.stop}'"
