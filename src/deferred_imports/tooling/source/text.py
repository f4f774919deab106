"""The text of source files: its encoding, and its syntax, the lazy imports that only newer Pythons know included."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings


class UnreadableSourceError(Exception):
    """A source that cannot be analysed; its text says why, the same on every Python."""


def decode(source: bytes) -> str:
    """Return the text of a source, as Python decodes it (PEP 263).

    Raises:
        UnreadableSourceError: when Python would not.
    """
    if b"\0" in source:
        raise UnreadableSourceError("it contains null bytes")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return io.IncrementalNewlineDecoder(None, translate=True).decode(source.decode(encoding))
    except (SyntaxError, ValueError, LookupError) as error:
        raise UnreadableSourceError("it is not valid in the encoding that it declares, or in UTF-8") from error


TOO_DEEP = "it is nested too deeply"

# `lazy import a`, which only Python 3.15 parses; without that word any Python does.
_LAZY = re.compile(r"((?:.*?[;:])??[ \t]*)lazy[ \t]+(?=(?:import|from)\b)")
# `WINDOWS = sys.platform == "win32"`, at the top of a module
_CONSTANT = re.compile(
    r"(?m)^([^\W\d]\w*)(?:[ \t]*:[^=\n]*)?[ \t]*=[ \t]*[^=\n][^#\n]*?\b(?:sys\.(?:platform|version_info|hexversion|"
    r"implementation)|os\.name|platform\.(?:system|python_\w+|machine|release|win32_ver|mac_ver))\b"
)


def platform_constants(text: str) -> frozenset[str]:
    """Return the names that a module binds to what it knows about the platform or the version of Python."""
    return frozenset(_CONSTANT.findall(text))


def parse_source(text: str) -> tuple[ast.Module, set[tuple[int, int]]]:
    """Parse a source; return the places of its lazy imports too, each a line and a column as in the tree.

    Raises:
        UnreadableSourceError: when it cannot be parsed.
    """
    lazy = set()
    lines = text.split("\n") if "lazy" in text else []
    for index in range(len(lines)):
        while found := _LAZY.match(lines[index]):
            lines[index] = found[1] + lines[index][found.end() :]
            lazy.add((index + 1, len(found[1].encode("utf-8", "surrogatepass"))))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about literals, which are their author's affair
            return ast.parse("\n".join(lines) or text), lazy
    except SyntaxError as error:
        line = f" (line {error.lineno})" if error.lineno else ""
        raise UnreadableSourceError(f"it is not valid Python, or too new for this one{line}") from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableSourceError(TOO_DEEP) from error
    except ValueError as error:  # surrogates
        raise UnreadableSourceError("it contains characters that Python does not allow") from error
