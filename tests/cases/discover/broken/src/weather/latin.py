# coding: latin-1
name = "größe"
def f():
    import decimal
