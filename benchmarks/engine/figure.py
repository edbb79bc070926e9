"""The scaling plot: time over sites, time over crystals, processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from scaling import Curve

__all__ = ["draw"]

# Colours that stay apart for the colour-blind: Okabe & Ito, https://jfly.uni-koeln.de/color/.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
STYLES = ({"color": BLUE, "marker": "o"}, {"color": BLUE, "marker": "o", "linestyle": ":", "mfc": "white"})
STYLES += (
    {"color": ORANGE, "marker": "s"},
    {"color": ORANGE, "marker": "s", "linestyle": ":", "mfc": "white"},
)


def draw(path: Path, by_sites: list[Curve], by_crystals: list[Curve], by_processes: list[Curve]) -> None:
    """Write the figure of three panels."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    style = {"axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25}
    with mpl.rc_context(style | {"font.size": 10, "axes.axisbelow": True, "legend.frameon": False}):
        figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12)
        for curve, look in zip(by_sites, STYLES, strict=False):
            left.loglog(curve.x, curve.y, label=curve.label, **look)
        left.set(title="One process, default preset", xlabel="sites per crystal")
        left.set_ylabel("processor time per site (µs)")
        left.legend(fontsize=8, loc="lower left")
        left.set_ylim(min(min(curve.y) for curve in by_sites) / 6, None)

        seconds, memory = by_crystals
        middle.plot(seconds.x, seconds.y, color=BLUE, marker="o")
        middle.set(title="One process, default preset", xlabel="crystals", xlim=(0, None))
        middle.set_ylim(0, 1.15 * max(seconds.y))
        middle.set_ylabel("processor time (s)", color=BLUE)
        twin = middle.twinx()
        twin.spines["right"].set_visible(True)
        twin.grid(visible=False)
        twin.plot(memory.x, memory.y, color=ORANGE, marker="s")
        twin.set_ylim(0, 1.4 * max(memory.y))
        twin.set_ylabel("peak memory (MB)", color=ORANGE)

        (measured,) = by_processes
        right.plot(measured.x, measured.x, color="0.6", linestyle="--", label="ideal")
        right.plot(measured.x, measured.y, color=GREEN, marker="o", label="measured")
        right.set(title="Several processes", xlabel="processes", xticks=measured.x, ylim=(0, None))
        right.set_ylabel("times faster than one (wall time)")
        right.legend()
        middle.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
        for axes in (left, middle):
            axes.xaxis.set_major_formatter(mpl.ticker.StrMethodFormatter("{x:,.0f}"))
        left.yaxis.set_major_formatter(mpl.ticker.StrMethodFormatter("{x:g}"))
        left.set_xticks([5, 10, 20, 50, 100, 200])
        left.minorticks_off()
        figure.savefig(path, dpi=150)
        plt.close(figure)
