try:
    from .half import HALF
except ImportError:
    HALF = None
