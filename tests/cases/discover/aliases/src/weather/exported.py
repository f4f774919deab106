from . import _deferred as registry

alias = registry
