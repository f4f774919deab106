from .core import lock, registry

with lock:
    registry.update(a=1)
