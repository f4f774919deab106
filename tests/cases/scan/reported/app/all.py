import json


def use():
    return json
