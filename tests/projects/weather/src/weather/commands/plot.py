"""``weather plot``: the temperatures and the rain of every month, as a PNG. Needs the extra ``plot``."""

from __future__ import annotations

from argparse import Namespace

from .. import _deferred, data


def run(args: Namespace, settings: dict[str, object]) -> None:
    """Draw the chart and write it to *args.output*."""
    _deferred.plt.switch_backend("agg")
    units = data.UNITS[str(settings["units"])]
    days = data.load(settings)
    smooth = days[["temp_min", "temp_max"]].rolling(15, center=True, min_periods=1).mean()
    rain = days["precipitation"].resample("MS").sum()

    figure, (above, below) = _deferred.plt.subplots(
        2, sharex=True, figsize=(10, 6), height_ratios=(2, 1), layout="constrained"
    )
    above.fill_between(days.index, days["temp_min"], days["temp_max"], color="#f4a261", alpha=0.35, linewidth=0)
    above.plot(smooth["temp_max"], color="#e76f51", label="warmest of the day")
    above.plot(smooth["temp_min"], color="#2a9d8f", label="coldest of the day")
    above.set(title="Seattle", ylabel=units["temperature"])
    above.legend(frameon=False, ncols=2, loc="upper left")
    below.bar(rain.index, rain, width=25, align="edge", color="#457b9d")
    below.set(ylabel=f"rain, {units['precipitation']} a month")
    below.xaxis.set_major_formatter(_deferred.ticks.DateFormatter("%b %Y"))
    for axes in (above, below):
        axes.margins(x=0)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(args.output, dpi=120)
    print(args.output)
