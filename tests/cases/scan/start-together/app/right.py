from . import both

X = both.X
