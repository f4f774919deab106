from __future__ import annotations

import decimal
import fractions
import pathlib

import pydantic
import typer

app = typer.Typer()


def price(value: decimal.Decimal) -> None: ...


@app.command()
def show(path: pathlib.Path) -> None: ...


class Price(pydantic.BaseModel):
    value: fractions.Fraction
