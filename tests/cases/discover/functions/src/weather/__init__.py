"""Where imports stand, and whether that makes them deferred."""

import json
import os.path

import click

from .late import fetch
