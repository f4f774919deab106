"""What a resolution reports: what was resolved, what is missing, what is broken, and whose fault it is."""

import re

import pytest

from worlds import Golden, World

# An error of each kind, and things that work.
BODIES = {
    "good.py": "",
    "fails.py": "raise ValueError('the disk is full')",
    "needs.py": "import absent_inside",
    "leaves.py": "raise SystemExit(3)",
    "wordless.py": "raise SystemExit",
    "wrong.py": "def f(:\n",
    "own.py": """
        class Stop(BaseException):
            pass
        raise Stop("of its own")
    """,
    "ends.py": "raise GeneratorExit('is no end')",
    "lines.py": "raise ImportError('first line\\nsecond line')",
    "mute.py": """
        class Mute(Exception):
            def __str__(self):
                raise TypeError
        raise Mute
    """,
}
TABLE = """
    imports.good = "good"
    imports.absent = "absent"
    imports.plot = { module = "plotting.maps", extra = "plot" }
    imports.attribute = "good:nothing"
    imports.fails = "fails"
    imports.needs = "needs"
    imports.leaves = { module = "leaves", optional = true }
    imports.wordless = "wordless"
    imports.wrong = "wrong"
    imports.own = "own"
    imports.ends = "ends"
    imports.lines = "lines"
    imports.mute = "mute"
    imports.winreg = { module = "winreg", marker = "sys_platform == 'nowhere'" }
"""
PROJECT = 'optional-dependencies.plot = ["plotting"]'


@pytest.fixture
def ill(world: World) -> World:
    """A world with a package in which things go wrong in all ways."""
    world.write(BODIES)
    world.package(TABLE, project=PROJECT)
    return world


def timeless(text: str) -> str:
    return re.sub(r"\d+\.\d ms", "N ms", text)


def test_a_report_reads_well(ill: World, golden: Golden) -> None:
    """`str` of a report counts, lists what was resolved with its time, and tells what failed and what to do."""
    code = """
        import weather._deferred
        from deferred_imports import resolve_now
        report = resolve_now(on_error="report")
        print(report)
        print(repr(report))
        print(repr(report.resolved[0]))
    """
    golden("resolution", timeless(ill.run(code)))


def test_the_error_lists_all_that_is_required(ill: World, golden: Golden) -> None:
    """One error names every required import that failed, with the remedy for what is missing, and no optional one."""
    code = """
        import weather._deferred
        from deferred_imports import DeferredImportError, resolve_now
        try:
            resolve_now()
        except DeferredImportError as error:
            print(error)
    """
    golden("resolution-error", timeless(ill.run(code)))


def test_missing_and_broken_are_told_apart_by_whose_name_failed(ill: World) -> None:
    """What is not there itself is missing; what is there and lacks or breaks something inside is broken."""
    code = """
        import weather._deferred
        from deferred_imports import resolve_now
        report = resolve_now(on_error="report")
        print(*[item.entry.name for item in report.missing])
        print(*[f"{item.entry.name}={type(item.error).__name__}" for item in report.broken])
    """
    missing, broken = ill.run(code).splitlines()
    assert missing.split() == ["absent", "attribute", "plot"]
    assert broken.split() == [
        "fails=ValueError",
        "needs=ModuleNotFoundError",
        "leaves=SystemExit",
        "wordless=SystemExit",
        "wrong=SyntaxError",
        "own=Stop",
        "ends=GeneratorExit",
        "lines=ImportError",
        "mute=Mute",
    ]


def test_optional_failures_are_reported_and_never_raised(world: World) -> None:
    """Missing or broken, what the application can do without does not fail the call."""
    world.write({"broken.py": "raise SystemExit"})
    world.package(
        """
        imports.plot = { module = "plotting", extra = "plot" }
        imports.broken = { module = "broken", optional = true }
        """,
        project=PROJECT,
    )
    code = """
        import weather._deferred
        from deferred_imports import resolve_now
        report = resolve_now()
        print(len(report.missing), len(report.broken), len(report.failures))
    """
    assert world.run(code) == "1 1 0"


def test_each_cause_keeps_its_traceback(world: World) -> None:
    """The cause holds every required failure, down to the line; 3.10 knows no groups, and has the first of them."""
    world.write({"bad.py": "def fail():\n    raise ValueError('boom')\nfail()\n"})
    world.package('imports = { absent = "absent", bad = "bad" }')
    code = """
        import os, sys, traceback, weather._deferred
        from deferred_imports import DeferredImportError, resolve_now
        try:
            resolve_now()
        except DeferredImportError as error:
            if sys.version_info >= (3, 11):
                assert isinstance(error.__cause__, ExceptionGroup)
                causes = error.__cause__.exceptions
            else:
                causes = [item.error for item in error.failures]
                assert error.__cause__ is causes[0]
            assert [item.error for item in error.failures] == list(causes)
            for cause in causes:
                print(type(cause).__name__, os.path.basename(traceback.extract_tb(cause.__traceback__)[-1].filename))
            print("raise ValueError('boom')" in traceback.format_exc() or sys.version_info < (3, 11))
    """
    assert world.run(code) == "ModuleNotFoundError _deferred.py\nValueError bad.py\nTrue"


def test_one_failure_is_grouped_as_many_are(world: World) -> None:
    """A reader of the causes of one failure reads them as those of several."""
    world.write({"bad.py": "1 / 0"})
    world.package('imports.bad = "bad"')
    code = """
        import sys, weather._deferred
        from deferred_imports import DeferredImportError, resolve_now
        try:
            resolve_now()
        except DeferredImportError as error:
            causes = error.__cause__.exceptions if sys.version_info >= (3, 11) else [error.__cause__]
            print(len(causes), type(causes[0]).__name__, isinstance(error, ImportError))
    """
    assert world.run(code) == "1 ZeroDivisionError True"


def test_every_entry_has_its_seconds(world: World) -> None:
    """Each import is timed, failed ones included, and the whole is not less than its parts."""
    world.write({"slow.py": "import time; time.sleep(0.05)", "fails.py": "import time; time.sleep(0.05); 1 / 0"})
    world.package('imports = { slow = "slow", fails = "fails" }')
    code = """
        import weather._deferred
        from deferred_imports import resolve_now
        report = resolve_now(on_error="report")
        (slow,), (fails,) = report.resolved, report.broken
        print(slow.seconds >= 0.05, fails.seconds >= 0.05, report.seconds >= slow.seconds + fails.seconds)
    """
    assert world.run(code) == "True True True"


def test_the_error_survives_the_way_home_from_another_process(world: World) -> None:
    """A process pool pickles what its workers raise; the text arrives, the report stays behind."""
    world.package('imports.absent = "absent"')
    code = """
        import pickle, weather._deferred
        from deferred_imports import DeferredImportError, resolve_now
        try:
            resolve_now()
        except DeferredImportError as error:
            copy = pickle.loads(pickle.dumps(error))
            print(type(copy) is type(error), str(copy) == str(error), copy.failures)
    """
    assert world.run(code) == "True True []"


@pytest.mark.parametrize("on_error", ["raise", "report"])
@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_dropped_is_freed(world: World, on_error: str, workers: int) -> None:
    """A report that nobody has any more keeps nothing alive, not until the next garbage collection."""
    world.write({"bad.py": "raise ValueError('boom')", "worse.py": "raise SystemExit"})
    world.package('imports = { bad = "bad", worse = "worse", absent = ["absent", "lost"], nothing = "gc:nothing" }')
    code = f"""
        import gc, weakref, weather._deferred
        from deferred_imports import DeferredImportError, resolve_now
        class Large:
            pass
        def call():
            large = Large()
            try:
                resolve_now(on_error="{on_error}", workers={workers})
            except DeferredImportError:
                pass
            return weakref.ref(large)
        gc.disable()
        print(call()())
    """
    assert world.run(code) == "None"


def test_a_report_keeps_no_callers_alive_for_what_is_optional(world: World) -> None:
    """Programs keep reports; an extra that is not installed is no reason to keep what their callers had, too."""
    world.package('imports.plot = { module = "plotting", extra = "plot" }', project=PROJECT)
    code = """
        import gc, weakref, weather._deferred
        from deferred_imports import resolve_now
        class Large:
            pass
        def call():
            large = Large()
            return resolve_now(), weakref.ref(large)
        gc.disable()
        report, large = call()
        print(len(report.missing), large())
    """
    assert world.run(code) == "1 None"


def test_pure_absence_is_a_summary(world: World) -> None:
    """Where all that failed is not installed, the error has no causes and one command that installs all of it."""
    world.package('imports = { one = "absent_one", two = "absent_two", three = "absent_two.sub" }')
    done = world.start("import weather._deferred; from deferred_imports import resolve_now; resolve_now()")
    assert "The above exception" not in done.stderr
    assert "_deferred.py" not in done.stderr
    lines = done.stderr.splitlines()
    assert lines[-5].endswith("DeferredImportError: 3 deferred imports failed:")
    assert lines[-1] == "  all that is missing: pip install absent_one absent_two"


def test_a_report_does_not_keep_errors_from_travelling(world: World) -> None:
    """A process pool sends the error home as its text."""
    world.package('imports.one = "absent_one"')
    code = """
        import pickle, weather._deferred
        from deferred_imports import DeferredImportError, resolve_now
        try:
            resolve_now()
        except DeferredImportError as error:
            print(str(pickle.loads(pickle.dumps(error))) == str(error))
    """
    assert world.run(code) == "True"


def test_a_report_can_be_sent_home(world: World) -> None:
    """A worker of a process pool may return it: the declarations say there what they said, and load nothing."""
    world.write({"fine.py": "", "broken.py": "1 / 0"})
    table = """
        imports.fine = { module = "fine", groups = ["g"] }
        imports.broken = "broken"
        imports.gone = { module = "nonsuch", optional = true }
    """
    world.package(table)
    code = """
        import pickle, sys, weather._deferred
        from deferred_imports import resolve_now
        report = resolve_now("weather", on_error="report")
        with open("report", "wb") as file:
            pickle.dump(report, file)
        print(report)
    """
    again = """
        import pickle, sys
        with open("report", "rb") as file:
            report = pickle.load(file)
        print(report)
        (fine,), (gone,) = report.resolved, report.missing
        print(fine.entry.groups, gone.entry.optional, gone.is_missing, fine.entry, "weather" in sys.modules)
        import weather._deferred
        print(fine.entry.resolve().__name__, fine.entry.state)
    """
    said = world.run(code, cwd=world.path).splitlines()
    *same, facts, resolved = world.run(again, cwd=world.path).splitlines()
    assert same == said
    assert facts == "('g',) True True <DeferredImport weather: fine = fine (pending)> False"
    assert resolved == "fine resolved"


def test_an_entry_that_somebody_has_made_has_a_repr(world: World) -> None:
    """Type checkers accept that; it stands for nothing."""
    assert world.run("from deferred_imports import DeferredImport; print(DeferredImport())") == (
        "<DeferredImport of nothing>"
    )
