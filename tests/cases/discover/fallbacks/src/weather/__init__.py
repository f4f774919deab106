"""Fallbacks: one entry with several candidates where they stand for each other, several entries where they do not."""


def declared():
    try:
        import tomllib
    except ImportError:
        import tomli as tomllib
    return tomllib


def two():
    try:
        import orjson as json
    except ImportError:
        import json
    return json


def three():
    try:
        from orjson import dumps
    except ImportError:
        try:
            from ujson import dumps
        except ModuleNotFoundError:
            from simplejson import dumps
    return dumps


def open_ended():
    try:
        import ujson as json
    except ImportError:
        try:
            import orjson as json
        except ImportError:
            json = None
    return json


def parts():
    try:
        import lxml.etree as ET
    except ImportError:
        import xml.etree.ElementTree as ET
    return ET


def own():
    try:
        from . import _fast as speed
    except ImportError:
        from . import _slow as speed
    return speed


def different_names():
    try:
        import pickle5
    except ImportError:
        import pickle
    return pickle5 or pickle


def several_at_once():
    try:
        import zstandard
        import brotli
    except ImportError:
        import zlib as zstandard
    return zstandard


def within():
    try:
        if declared():
            import cchardet as chardet
    except ImportError:
        import chardet
    return chardet


def guarded():
    try:
        try:
            import simplejson as json
        except ImportError:
            import json
    except Exception:
        json = None
    return json


def with_more_around():
    try:
        import xxhash as hashing

        hashing.check()
    except ImportError:
        print("slow")
        import hashlib as hashing
    except AttributeError:
        raise
    return hashing


def alone():
    import tomli

    return tomli
