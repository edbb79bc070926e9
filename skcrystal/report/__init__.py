"""A training run as one HTML page that asks the network for nothing."""

from skcrystal.report.page import render_report, write_report

__all__ = ["render_report", "write_report"]
