import app.colours


def draw():
    return app.colours
