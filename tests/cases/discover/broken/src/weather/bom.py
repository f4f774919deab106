def f():
    import fractions
