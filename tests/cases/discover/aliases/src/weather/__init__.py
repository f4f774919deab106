"""Every way to the registry, and what only looks like one."""

from weather import _deferred
from ._deferred import __getattr__, __dir__


def shape():
    return _deferred.np.shape
