from app.parts.paint import draw
import app.parts.shapes
import json


class Circle(app.parts.shapes.Shape): ...


COLOUR = app.colours.RED


def main():
    return draw, json
