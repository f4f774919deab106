from .core import Plugin


class Mine(Plugin): ...
