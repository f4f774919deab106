from ..core import Format


class Csv(Format): ...
