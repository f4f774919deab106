import functools
from contextlib import contextmanager


@functools.lru_cache(maxsize=None)
def cached():
    @contextmanager
    def inner():
        yield

    return inner
