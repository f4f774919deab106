import app
from app import EARLY, LATER

VALUE = EARLY
OTHER = app.READ


def main():
    pass


def use():
    return LATER
