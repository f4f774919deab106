from .core import registry

registry.setdefault('a', 1)
