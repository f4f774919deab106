from . import risk
from .types import Kind


def show(kind: Kind) -> None:
    return risk.VALUE
