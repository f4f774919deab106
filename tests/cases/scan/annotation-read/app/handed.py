from __future__ import annotations

import decimal
import fractions
import numbers
import pathlib

import fastapi
import typer

from . import base


def main(value: decimal.Decimal) -> None: ...


def show(value: fractions.Fraction) -> None: ...


def connection(path: pathlib.Path): ...


def other(value: numbers.Number) -> None: ...


def read(connection=fastapi.Depends(connection)): ...


app = typer.Typer()
app.command("show")(show)
print(other)


def run():
    typer.run(main)
    typer.run(base.load)
