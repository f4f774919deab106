from .user import use as main


def other():
    return main()
