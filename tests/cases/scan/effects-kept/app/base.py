import atexit

atexit.register(print)


class Base: ...
