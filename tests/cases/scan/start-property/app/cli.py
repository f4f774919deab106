from . import a, b


class Thing:
    @property
    def x(self):
        return a.VALUE

    @x.setter
    def x(self, value):
        return b.VALUE


def main():
    Thing().x
