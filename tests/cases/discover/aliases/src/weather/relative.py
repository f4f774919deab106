from . import _deferred
from . import _deferred as d


def use():
    return _deferred.np.zeros(d.pd.DataFrame())
