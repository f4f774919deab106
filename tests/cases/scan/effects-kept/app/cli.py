import app
from . import tool
from .base import Base


class Command(Base): ...


def use():
    return tool, app
