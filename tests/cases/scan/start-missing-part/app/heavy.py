try:
    from .parts.rare import thing
except ImportError:
    thing = None
