"""What was measured, beside what was promised."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Check", "markdown", "number"]


@dataclass(frozen=True)
class Check:
    """One measured number; where a limit is given, it is kept or missed."""

    what: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """``ok``, ``missed``, or nothing where there is no limit."""
        if self.at_least is None and self.at_most is None:
            return ""
        # A NaN (it did not come to an end) keeps no limit.
        low = self.at_least is None or self.value >= self.at_least
        high = self.at_most is None or self.value <= self.at_most
        return "ok" if low and high else "**missed**"

    @property
    def limit(self) -> str:
        """The limit in words."""
        if self.at_least is not None:
            return f"at least {self.at_least:g}"
        return "" if self.at_most is None else f"at most {self.at_most:g}"


def number(value: float) -> str:
    """Write a number with three digits or, above a hundred, as a whole."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(checks: list[Check]) -> str:
    """Return the table, its columns aligned so that it reads well as plain text too."""
    rows = [("What", "Measured", "Limit", "", "Note")]
    for check in checks:
        measured = f"{number(check.value)} {check.unit}".strip()
        rows.append((check.what, measured, check.limit, check.verdict, check.note))
    widths = [max(len(row[k]) for row in rows) for k in range(5)]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
