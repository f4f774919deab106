from .core import cached, settings

NAME = settings.get("name")


@cached
def quiet(): ...


def late():
    from .core import registry

    registry.register(quiet)
