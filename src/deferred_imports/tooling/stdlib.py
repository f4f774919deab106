"""The names of the standard library, the same set whichever Python asks: what 3.10 to 3.15 have, all together."""

from __future__ import annotations

import sys

# What some of 3.10 to 3.15 have and others do not; a test compares this with every interpreter it can get.
_NOT_IN_ALL = """
    _android_support _apple_support _ast_unparse _bootsubprocess _colorize _compression _crypt _hmac _interpchannels
    _interpqueues _interpreters _ios_support _math_integer _msi _opcode_metadata _py_warnings _pydatetime _pylong
    _pyrepl _remote_debugging _sha2 _sha256 _sha512 _suggestions _sysconfig _tokenize _types _typing _wmi _zstd aifc
    annotationlib asynchat asyncore audioop binhex cgi cgitb chunk compression crypt distutils imghdr imp lib2to3
    mailcap msilib nis nntplib ossaudiodev pipes profiling smtpd sndhdr spwd sre_compile sre_constants sre_parse sunau
    telnetlib tomllib uu xdrlib
"""

STANDARD_LIBRARY = sys.stdlib_module_names | frozenset(_NOT_IN_ALL.split())
