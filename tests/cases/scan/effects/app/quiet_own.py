KNOWN = {}
KNOWN['a'] = 1
KNOWN.setdefault('b', 2)


def register(function):
    KNOWN[function] = 1
    return function


@register
def quiet(): ...
