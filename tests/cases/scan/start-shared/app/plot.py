from . import light


class Base:
    value = light.VALUE


VALUE = 1
