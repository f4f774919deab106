def render():
    import pandas.plotting
    import numpy
