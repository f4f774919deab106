"""Whether a program ends with nothing but the value of its function, as a console script does: ``sys.exit(main())``.

Then the end of a call is known when the function has returned, see `ending`. The server finds out once, by the source
of the two frames that have called `run`: what it does not understand is not certain.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_ONLY_AST = 0x400  # ast.PyCF_ONLY_AST; the module `ast` would load others
_GENERATOR = 0x20 | 0x80 | 0x200  # code flags, see the module `inspect`


def is_certain(frame: "FrameType | None") -> bool:
    """Tell whether the value that `run` returns goes straight to ``sys.exit`` or ``SystemExit``.

    Args:
        frame: The frame that has called `run`.
    """
    try:
        if frame is not None and frame.f_code.co_name != "<module>":
            if not _returns(frame):
                return False
            frame = frame.f_back
        return frame is not None and frame.f_code.co_name == "<module>" and _exits(frame)
    except (OSError, SyntaxError, ValueError):
        return False


def _returns(frame: "FrameType") -> bool:
    """Tell whether a plain function returns what it has called here, and does nothing else then."""
    code = frame.f_code
    functions = [
        node
        for node in _source(frame)
        if _kind(node) == "FunctionDef" and node.lineno == code.co_firstlineno and node.name == code.co_name
    ]
    if len(functions) != 1 or functions[0].decorator_list or code.co_flags & _GENERATOR:
        return False
    statement = _statement(functions[0].body, frame.f_lineno)
    return _kind(statement) == "Return" and _is_plain_call(statement.value)


def _exits(frame: "FrameType") -> bool:
    """Tell whether a script ends with what it has called here."""
    statement = _statement(_source(frame), frame.f_lineno)
    if _kind(statement) == "Expr":
        call = statement.value
    elif _kind(statement) == "Raise" and statement.cause is None:
        call = statement.exc
    else:
        return False
    if _kind(call) != "Call" or len(call.args) != 1 or call.keywords or not _is_plain_call(call.args[0]):
        return False
    names = frame.f_globals
    if _kind(statement) == "Raise":
        return _kind(call.func) == "Name" and call.func.id == "SystemExit" and "SystemExit" not in names
    is_named = _kind(call.func) == "Attribute" and call.func.attr == "exit" and _kind(call.func.value) == "Name"
    return is_named and names.get(call.func.value.id) is sys and getattr(sys.exit, "__self__", None) is sys


def _source(frame: "FrameType") -> "list[Any]":
    """Return the statements of the file that a frame runs."""
    with open(frame.f_code.co_filename, "rb") as file:
        tree: Any = compile(file.read(), frame.f_code.co_filename, "exec", _ONLY_AST, dont_inherit=True)
    return tree.body  # type: ignore[no-any-return]  # a list


def _statement(body: "list[Any]", line: int) -> "Any":
    """Return the one statement at a line, if nothing but ``if`` is around it, or None."""
    found = [node for node in body if node.lineno <= line <= node.end_lineno]
    if len(found) != 1:
        return None
    if _kind(found[0]) == "If":
        return _statement([*found[0].body, *found[0].orelse], line)
    return found[0]


def _is_plain_call(node: "Any") -> bool:
    """Tell whether this is a call of something with a name, with constants or nothing."""
    if _kind(node) != "Call" or node.keywords or any(_kind(value) != "Constant" for value in node.args):
        return False
    function = node.func
    while _kind(function) == "Attribute":
        function = function.value
    return _kind(function) == "Name"


def _kind(node: object) -> str:
    return type(node).__name__
