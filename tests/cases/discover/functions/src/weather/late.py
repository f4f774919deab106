import asyncio
from functools import lru_cache


@lru_cache
def fetch(url):
    import requests

    return requests.get(url)


async def fetch_async(url):
    import sqlite3, xml.etree.ElementTree as ET

    def parse(text):
        from decimal import Decimal

        class Parsed:
            import fractions

            def again(self):
                import statistics

        return Decimal(text)

    async with asyncio.timeout(1):
        import numpy.linalg

    for _ in url:
        import csv
    else:
        import zipfile
    while url:
        import tarfile
    match url:
        case str():
            import gzip
        case _:
            import bz2
    return parse


class Report:
    import random  # with the class, so with the module

    def render(self, columns=lambda: __import__("hidden")):
        from pandas import DataFrame
        from rich import (
            print,
            table as t,
        )

        if columns:
            import html
        elif self:
            import http.client
        else:
            import urllib.request
        return DataFrame

    @property
    def size(self):
        import random  # again, which here is deferred

        return random.random()

    @staticmethod
    def nothing():
        import sys, builtins, __main__
        from .__main__ import main
