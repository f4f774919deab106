"""``weather report``: one page of HTML.

Written with ordinary imports: the table defers this module as a whole, and what it imports comes with it.
"""

from __future__ import annotations

import html
from argparse import Namespace
from string import Template

import pandas as pd

from .. import data

PAGE = Template("""\
<!doctype html>
<meta charset="utf-8">
<title>$title</title>
<h1>$title</h1>
<p>$first to $last, temperatures in $temperature, precipitation in $precipitation.</p>
$years
$months
""")


def run(args: Namespace, settings: dict[str, object]) -> None:
    """Write the page to *args.output*."""
    days = data.load(settings)
    months = data.by_month(days)
    months.index = pd.Index([pd.Timestamp(2000, month, 1).month_name() for month in months.index])
    page = PAGE.substitute(
        data.UNITS[str(settings["units"])],
        title=html.escape(args.title),
        first=f"{days.index.min():%d %B %Y}",
        last=f"{days.index.max():%d %B %Y}",
        years=data.by_year(days).to_html(float_format="{:.1f}".format),
        months=months.to_html(float_format="{:.1f}".format),
    )
    with open(args.output, "w", encoding="utf-8") as file:
        file.write(page)
    print(args.output)
