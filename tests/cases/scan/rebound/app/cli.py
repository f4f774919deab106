import csv
import json
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
