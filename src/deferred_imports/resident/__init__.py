"""Run time: ``run`` hands a call to a process that has everything loaded, where the user has asked for one.

For applications, never for libraries, as the last thing that the function behind a console script does::

    def main():
        from deferred_imports.resident import run
        return run("weather.cli:main")

Unasked, it looks at the environment, and whether ``start`` has left its mark; then it calls the function. Asked, it
looks for a process that is this very program, stopped where it would call the function: there a child is forked for the
call. Whatever is in doubt is called here. Read `client` next, then `serving`.
"""

import os

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations of public names name
    from deferred_imports import _named

    typing, abc = _named("typing", "collections.abc")
if TYPE_CHECKING:
    import typing
    from collections import abc

__all__ = ["run"]

VARIABLE = "PYDEFER_RESIDENT"
"""``1`` or an idle time (``90s``, ``15m``, ``2h``) asks for the resident process, ``0`` forbids it."""

SERVE = "serve "
"""How the variable begins in the process that becomes the resident one."""

NEVER = ("0", "false", "no", "off")


def run(target: str) -> "typing.Any":
    """Call the function, in a child of the resident process where the user has asked for one, and return its value.

    In the latter case it does not return: the process ends as the child has ended, by the same code or signal.

    Args:
        target: The function without arguments, ``module:attribute``, as in ``[project.scripts]``.

    Returns:
        What the function returns, where it is called in this process.

    Raises:
        ImportError: when its module cannot be imported; and whatever the function raises.
        AttributeError: when the module has no such attribute.
    """
    finish: typing.Any = None
    wanted = os.environ.get(VARIABLE, "")
    if wanted.startswith(SERVE):
        from deferred_imports.resident.serving import serve

        finish = serve(target, wanted, load)  # returns in the child of a call only
    elif wanted.lower() not in NEVER and (wanted or _is_started()):
        import gc

        is_collecting = gc.isenabled()
        gc.disable()  # this process ends soon, if it does not go on as if nothing had been
        try:
            from deferred_imports.resident.client import hand_over

            hand_over(target, wanted)  # returns if the call has to be made here
        finally:
            if is_collecting:
                gc.enable()
    try:
        value = load(target)()
    except SystemExit as end:
        if finish is not None and type(end) is SystemExit:
            finish(end.code)  # which ends the program, or returns
        raise
    return value if finish is None else finish(value)


def load(target: str) -> "abc.Callable[[], typing.Any]":
    """Import what an object reference names (entry points specification), and return it.

    Args:
        target: ``module:attribute``; the attribute may have dots.
    """
    module, _, attribute = target.partition(":")
    found: typing.Any = __import__(module, None, None, ["*"])
    for name in attribute.split("."):
        found = getattr(found, name)
    return found  # type: ignore[no-any-return]  # whatever it is, the program says that it can be called


def _is_started() -> bool:
    """Tell whether ``python -m deferred_imports.resident start`` has asked for some program."""
    if os.name != "posix":
        return False
    place = os.environ.get("XDG_RUNTIME_DIR") or f"/tmp/deferred-imports-{os.getuid()}"  # noqa: S108 - see `place`
    return os.access(f"{place}/deferred-imports/started", os.F_OK)
