from __future__ import annotations

import decimal
import fractions
import functools
import numbers
import pathlib
import string
import textwrap
import wave
from dataclasses import dataclass

import click
import unknown
from pydantic import BaseModel

from .local import quiet, reading


@dataclass
class Inner:
    value: decimal.Decimal


class Outer(BaseModel):
    inner: Inner


@unknown.flow
def flow(path: pathlib.Path): ...


@click.command()
@functools.cache
def show(value: fractions.Fraction): ...


@quiet
def own(value: wave.Wave_read): ...


@reading
def read(value: textwrap.TextWrapper): ...


class Handed:
    def __init__(self, text: string.Template): ...


unknown.structure([], list[Handed])


class Error(Exception):
    number: numbers.Number
