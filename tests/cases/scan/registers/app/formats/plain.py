from ..core import registry, settings

WIDTH = settings.get("width")


def plain(value): ...


registry.register(plain)
