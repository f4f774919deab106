"""`await resolve_async()` resolves beside the event loop."""

from worlds import World

SLOW = {"slow.py": "import time; time.sleep(0.3); complete = True"}


def test_the_event_loop_goes_on_meanwhile(world: World) -> None:
    """Other tasks run while modules are imported, and the report is what `resolve_now` would have returned."""
    world.write(SLOW)
    world.package('imports.slow = "slow"')
    code = """
        import asyncio, sys, time, weather._deferred
        from deferred_imports import resolve_async
        async def main():
            task = asyncio.ensure_future(resolve_async("weather"))
            longest = ticks = 0
            while not task.done():
                begin = time.perf_counter()
                await asyncio.sleep(0.01)
                longest, ticks = max(longest, time.perf_counter() - begin), ticks + 1
            print(len((await task).resolved), sys.modules["slow"].complete, ticks >= 5, longest < 0.2)
        asyncio.run(main())
    """
    assert world.run(code) == "1 True True True"


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
        {"runs.py": "names = []"}
        | {
            f"mod{n}.py": f"import runs, time; runs.names.append({n}); time.sleep(0.3); complete = True"
            for n in range(3)
        }
    )
    world.package('imports = { mod0 = "mod0", mod1 = "mod1", mod2 = "mod2" }')
    code = """
        import asyncio, runs, sys, threading, time, weather._deferred
        from deferred_imports import iter_deferred_imports, resolve_async, resolve_now
        async def main():
            begin = time.perf_counter()
            try:
                await asyncio.wait_for(resolve_async(), 0.1)
            except asyncio.TimeoutError:
                print("cancelled", time.perf_counter() - begin < 0.25)
        asyncio.run(main())
        for thread in threading.enumerate()[1:]:
            thread.join()
        print(*[entry.state for entry in iter_deferred_imports()], sys.modules["mod0"].complete)
        print(len(resolve_now().resolved), *runs.names)
    """
    assert world.run(code) == "cancelled True\nresolved pending pending True\n2 0 1 2"


def test_a_loop_that_is_gone_is_no_problem(world: World) -> None:
    """A cancelled resolution that ends after its loop was closed has nobody to tell, and is silent about it."""
    world.write(SLOW)
    world.package('imports.slow = "slow"')
    code = """
        import asyncio, threading, weather._deferred
        from deferred_imports import resolve_async
        loop = asyncio.new_event_loop()
        task = loop.create_task(resolve_async())
        loop.call_later(0.05, task.cancel)
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.close()
        (thread,) = threading.enumerate()[1:]
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
