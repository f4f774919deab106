# coding: koi8-r
import json


def f():
    return json, "я"
