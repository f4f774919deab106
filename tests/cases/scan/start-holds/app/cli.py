from . import heavy, shared

DEFAULT = heavy.VALUE
OTHER = shared
