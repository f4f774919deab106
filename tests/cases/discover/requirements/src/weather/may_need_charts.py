try:
    from . import charts
except ImportError:
    charts = None


def later():
    import matplotlib
