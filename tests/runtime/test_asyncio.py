"""`await resolve_async()` resolves beside the event loop."""

from worlds import HELD, World


def test_the_event_loop_goes_on_meanwhile(world: World) -> None:
    """Other tasks run while modules are imported, and the report is what `resolve_now` would have returned."""
    world.write(HELD)
    world.package('imports.slow = "slow"')
    code = """
        import asyncio, gate, sys, weather._deferred
        from deferred_imports import resolve_async
        async def main():
            task = asyncio.ensure_future(resolve_async("weather"))
            while not gate.begun.is_set():
                await asyncio.sleep(0.001)
            for _ in range(5):
                await asyncio.sleep(0.001)
            print(task.done())
            gate.go.set()
            print(len((await task).resolved), sys.modules["slow"].complete)
        asyncio.run(main())
    """
    assert world.run(code) == "False\n1 True"


def test_errors_are_raised_where_it_is_awaited(world: World) -> None:
    """A failure is a `DeferredImportError` there, or part of the report."""
    world.write({"bad.py": "raise SystemExit(1)"})
    world.package('imports.bad = "bad"')
    code = """
        import asyncio, weather._deferred
        from deferred_imports import DeferredImportError, resolve_async
        async def main():
            try:
                await resolve_async()
            except DeferredImportError as error:
                print(len(error.failures))
            print(len((await resolve_async(on_error="report")).broken))
        asyncio.run(main())
    """
    assert world.run(code) == "1\n1"


def test_cancelled_it_ends_at_once_and_leaves_the_rest_pending(world: World) -> None:
    """The import at hand is finished, none is begun any more, and the next call resolves the rest, each body once."""
    world.write(
        {"runs.py": "import threading\nnames = []\nbegun, go = threading.Event(), threading.Event()\n"}
        | {
            f"mod{n}.py": f"import runs; runs.names.append({n}); runs.begun.set(); runs.go.wait(100); complete = True"
            for n in range(3)
        }
    )
    world.package('imports = { mod0 = "mod0", mod1 = "mod1", mod2 = "mod2" }')
    code = """
        import asyncio, runs, sys, threading, weather._deferred
        from deferred_imports import iter_deferred_imports, resolve_async, resolve_now
        async def main():
            task = asyncio.ensure_future(resolve_async())
            while not runs.begun.is_set():
                await asyncio.sleep(0.001)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                print("cancelled", not hasattr(sys.modules["mod0"], "complete"))
            runs.go.set()
        asyncio.run(main())
        for thread in threading.enumerate()[1:]:
            thread.join()
        print(*[entry.state for entry in iter_deferred_imports()], sys.modules["mod0"].complete)
        print(len(resolve_now().resolved), *runs.names)
    """
    assert world.run(code) == "cancelled True\nresolved pending pending True\n2 0 1 2"


def test_a_loop_that_is_gone_is_no_problem(world: World) -> None:
    """A cancelled resolution that ends after its loop was closed has nobody to tell, and is silent about it."""
    world.write(HELD)
    world.package('imports.slow = "slow"')
    code = """
        import asyncio, gate, threading, weather._deferred
        from deferred_imports import resolve_async
        loop = asyncio.new_event_loop()
        task = loop.create_task(resolve_async())
        loop.call_later(0.05, task.cancel)
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.close()
        (thread,) = threading.enumerate()[1:]
        gate.go.set()
        thread.join()
        print(thread.name)
    """
    assert world.run(code) == "deferred-imports"


def test_many_may_await_the_same_imports(world: World) -> None:
    """Several tasks that resolve the same get whole modules, and each body runs once."""
    world.write(
        {
            "runs.py": "names = []",
            "slow.py": "import runs, time; runs.names.append(1); time.sleep(0.1); complete = True",
        }
    )
    world.package('imports.slow = "slow"')
    code = """
        import asyncio, runs, weather._deferred
        from deferred_imports import resolve_async
        async def main():
            await asyncio.gather(*[resolve_async(workers=2) for _ in range(10)])
            print(len(runs.names), weather._deferred.slow.complete)
        asyncio.run(main())
    """
    assert world.run(code) == "1 True"
