from app import heavy


def run():
    return heavy
