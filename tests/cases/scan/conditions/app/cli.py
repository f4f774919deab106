import sys

if sys.platform == "win32":
    import winreg

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

for name in ("json",):
    import json


def use():
    return winreg, tomllib, json
