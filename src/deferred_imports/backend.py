"""A build backend that has another one build, and adds the registry to the wheel that comes back (PEP 517, PEP 660).

Its hooks are those of the backend that `[tool.deferred-imports] backend` names. Nothing is loaded before one is asked
for; what does the work comes with the extra `build`.
"""

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    (abc,) = _named("collections.abc")
if TYPE_CHECKING:
    from collections import abc

# Which of them are there, the wrapped backend says.
__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]


def __getattr__(name: str) -> "abc.Callable[..., object]":
    """Return a hook, if the wrapped backend has it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from deferred_imports.tooling.bake.backend import hook
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "deferred_imports":
            raise
        what = f"deferred_imports.backend needs {error.name.partition('.')[0]}; write deferred-imports[build]"
        raise SystemExit(f"pyproject.toml: {what} in requires of [build-system]") from error
    return hook(name)
