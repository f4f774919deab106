from .core import registry

registry['assigned'] = 1
