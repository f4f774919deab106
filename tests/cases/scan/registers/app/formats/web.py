from .. import core


@core.registry.get("/")
def index(): ...
