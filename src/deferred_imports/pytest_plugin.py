"""The plugin for pytest: the option `--deferred-eager` and the fixture `startup`. Inert until asked for.

A door to the tools, as the command is: what the fixture needs is loaded when a test asks for it.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations of public names name
    from deferred_imports import _named

    abc, typing, observed = _named("collections.abc", "typing", "deferred_imports.tooling.start.observed")
if TYPE_CHECKING:
    import typing
    from collections import abc

    from deferred_imports.tooling.start import observed

__all__ = ["startup"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("deferred-imports").addoption(
        "--deferred-eager",
        action="store_true",
        help="run all tests with deferred imports resolved as soon as their package is imported, as production may",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Obey the option, also in the workers of pytest-xdist, before any test module is imported."""
    if config.getoption("--deferred-eager"):
        from deferred_imports import force_eager

        force_eager()
        config.pluginmanager.register(_Unreached(), "deferred-eager")


class _Unreached:
    """Makes packages of source trees eager that do not import their registry; wheels of theirs get a line that does."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    @pytest.hookimpl(hookwrapper=True)  # the newer kind is unknown to pluggy before 1.2, and this one works in all
    def pytest_make_collect_report(self, collector: pytest.Collector) -> abc.Generator[None, typing.Any, None]:
        """Look at what is loaded when a test module has been, and let that one fail if production would."""
        from deferred_imports._trees import import_unreached

        outcome = yield
        report: pytest.CollectReport = outcome.get_result()
        if isinstance(collector, pytest.Module) and report.passed:
            try:
                import_unreached(self._seen)
            except ImportError as error:
                report.outcome, report.longrepr = "failed", f"{type(error).__name__}: {error}"


@pytest.fixture(scope="session")
def startup(pytestconfig: pytest.Config) -> abc.Callable[[str], observed.Observed]:
    """Start programs, each once a session, and tell what they load.

    `startup("weather --help").loads_not("pandas")` fails with the statements that led to `pandas` if the start loads
    it, or anything below it. What may be started is what `deferred-imports check --startup` takes.

    Args:
        pytestconfig: That of the session; the programs are those of its root directory.

    Returns:
        What starts a program and tells what came of it.

    Raises:
        UsageError: when the extra `tooling` is not installed.
    """
    try:
        from deferred_imports.tooling.start.observed import observer
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "deferred_imports":
            raise
        raise pytest.UsageError(
            f'the fixture "startup" needs {error.name}; pip install "deferred-imports[tooling]"'
        ) from error
    return observer(pytestconfig.rootpath)
