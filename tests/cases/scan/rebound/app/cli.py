import calendar
import csv
import json
import pprint
import shlex
import string
import textwrap
import wave


def choose():
    global json
    import simplejson

    json = simplejson


def forget():
    global csv
    del csv


def local():
    string = "a"

    class Inner:
        wave = 1

    return [textwrap := string for _ in Inner.wave]


def later():
    return csv, json, string, textwrap, wave


class Settings:
    global shlex
    shlex = None


def outer():
    pprint = 1

    def inner():
        global pprint
        pprint = 2

    def counting():
        nonlocal calendar
        calendar = 2

    calendar = inner()
    return counting, pprint


def last():
    return calendar, pprint, shlex
