import threading

registry = {}
value = 1
lock = threading.Lock()


class Plugin:
    def __init_subclass__(cls):
        registry[cls.__name__] = cls
