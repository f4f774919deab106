try:
    from .parts import rare
except ImportError:
    rare = None
