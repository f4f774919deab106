from .library import prepare

READY = prepare()
