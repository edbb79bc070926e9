"""Copy measured figures from benchmarks/ to where README, pages, changelog and paper quote them.

    python tools/copy_figures.py          writes what has changed, and says what
    python tools/copy_figures.py --check  writes nothing; exit 1 where a figure is another one than measured

Run it after a benchmark has written its table. These are all the places where such figures stand twice.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent


class Figure(NamedTuple):
    """A number of a table: the first one in the cell of a column (from 0) that matches ``after``."""

    table: str
    row: str
    column: int = 1
    section: str = ""
    after: str = ""


GAPS, PHONONS = "ABC3 band gap", "matbench_phonons"
OWN, RECIPE = "default preset and what joins it, make_regressor", "notebook recipe, its XGBoost"
OTHERS = "the same, with what a model of mp_sample's gaps says of each crystal"
FLOOR = "default preset: over gemmi + moyopy + neighbours of 6 angstrom"
FIGURES = {
    "gap": Figure("ACCURACY", OWN, 1, GAPS),
    "gap_recipe": Figure("ACCURACY", RECIPE, 1, GAPS),
    "gap_formulas": Figure("ACCURACY", OWN, 4, GAPS),
    "gap_formulas_recipe": Figure("ACCURACY", RECIPE, 4, GAPS),
    "covered": Figure("ACCURACY", "Intervals of 90%", 0, GAPS, after=r"90%: "),
    "gap_element": Figure("ACCURACY", OWN, 7, GAPS),
    "other_gap": Figure("ACCURACY", OTHERS, 1, GAPS),
    "other_gap_formulas": Figure("ACCURACY", OTHERS, 4, GAPS),
    "other_gap_element": Figure("ACCURACY", OTHERS, 7, GAPS),
    "phonons": Figure("ACCURACY", OWN, 1, PHONONS),
    "measured_gap": Figure(
        "ACCURACY", "composition preset and what joins it, make_regressor", 1, "measured band gap"
    ),
    "second_fidelity": Figure(
        "ACCURACY",
        "the same, with the computed gaps of mp_sample as a second fidelity",
        1,
        "measured band gap",
    ),
    "second_fidelity_new_formulas": Figure(
        "ACCURACY",
        "the same, with the computed gaps of mp_sample as a second fidelity",
        4,
        "measured band gap",
    ),
    "graph": Figure("GRAPHS", "graphs with images"),
    "to_pyg": Figure("GRAPHS", "to_pyg: times faster than matgl's converter"),
    "si_energy": Figure("POTENTIALS", "Si: energy"),
    "si_force": Figure("POTENTIALS", "Si: force"),
    "si_fit": Figure("POTENTIALS", "Si: a fit"),
    "mo_energy": Figure("POTENTIALS", "Mo: energy"),
    "mo_force": Figure("POTENTIALS", "Mo: force"),
    "columns": Figure("RESULTS", "all"),
    "row": Figure("RESULTS", FLOOR, 4),
    "row_over_floor": Figure("RESULTS", FLOOR),
    "notebook_over_floor": Figure("RESULTS", "notebook preset: over gemmi + moyopy"),
    "notebook_over_recipe": Figure("RESULTS", "notebook preset: times faster than the recipe"),
}
# What a quotation says, with the name of each figure and the digits that it is given with.
QUOTATIONS = {
    "README.md": (
        "by 5-fold cross-validation, to {gap:.3f} eV (the notebook's recipe: {gap_recipe:.2f})",
        "on the official folds to {phonons:.1f} 1/cm",
        "it errs by {si_energy:.1f} meV/atom and {si_force:.0f} meV/Å for silicon and by {mo_energy:.1f} and "
        "{mo_force:.0f} for molybdenum, after {si_fit:.0f} seconds",
        "A default row of {columns:.0f} columns costs {row:.1f} ms, {row_over_floor:.1f} times reading",
        "327 columns cost {notebook_over_floor:.1f} times reading and symmetry, "
        "{notebook_over_recipe:.0f} times less than its recipe",
    ),
    "docs/index.md": (
        "**{gap:.3f} eV** mean absolute error",
        "The lecture notebook: {gap_recipe:.2f}.",
        "**{phonons:.1f} 1/cm** on matbench_phonons",
        "**{graph:.2f} ms** for its graph",
    ),
    "docs/guide/accuracy.md": (
        "the five of matbench | {measured_gap:.3f} eV (MODNet",
        "as a second fidelity | the five of matbench | {second_fidelity:.3f} eV",
    ),
    "docs/guide/embeddings.md": (
        "from {measured_gap:.3f} to {second_fidelity:.3f} eV on the official folds; it is then "
        "{second_fidelity_new_formulas:.3f} eV on formulas without a computed gap",
        "errs by {other_gap:.3f} eV in random folds, without them by {gap:.3f}; "
        "by {other_gap_formulas:.3f} eV in folds by formula, without them by {gap_formulas:.3f}; "
        "and by {other_gap_element:.3f} eV on "
        "crystals of an element that neither set has shown, without them by {gap_element:.3f}",
    ),
    "CHANGELOG.md": (
        "the error on measured gaps is {second_fidelity:.3f} eV, without them {measured_gap:.3f}",
        "as columns, takes their error to {other_gap:.3f} eV",
        "band gaps of ABC3 crystals to {gap:.3f} eV, the notebook's recipe {gap_recipe:.3f}",
        "matbench_phonons to {phonons:.1f} 1/cm",
        "graphs to 5 angstrom in {graph:.3f} ms, out to PyTorch Geometric {to_pyg:.1f} times",
        "silicon to {si_energy:.2f} meV/atom and {si_force:.0f} meV/angstrom, "
        "molybdenum to {mo_energy:.2f} and {mo_force:.0f}",
    ),
    "paper/paper.md": (
        "has a mean absolute error of {phonons:.1f} cm",
        "crystals are predicted to {gap:.3f} eV in random folds and {gap_formulas:.3f} eV for new formulas",
        "a baseline has {gap_recipe:.3f} and {gap_formulas_recipe:.3f}",
        "of the intervals of nominally 90 %, {covered:.1f} % hold the truth",
        "Graphs to 5 Å take {graph:.3f} ms",
        "PyTorch Geometric is {to_pyg:.1f} times as fast",
        "by {si_energy:.2f} meV/atom and {si_force:.0f} meV/Å for silicon and "
        "by {mo_energy:.2f} meV/atom and {mo_force:.0f} meV/Å",
        "the fit to silicon takes {si_fit:.0f} s",
    ),
}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def measured(figure: Figure) -> float:
    """Look a figure up in its table; a row that is not there, or twice, is an error."""
    text = (ROOT / "benchmarks" / f"{figure.table}.md").read_text(encoding="utf-8")
    if figure.section:
        text = re.split(r"^## ", text.partition(f"## {figure.section}\n")[2], flags=re.M)[0]
    lines = [line for line in text.splitlines() if cells(line)[0].startswith(figure.row)]
    lines = [line for line in lines if not line.startswith("|") or cells(line)[0] == figure.row]
    if len(lines) != 1:
        raise LookupError(f"{figure.table}.md has {len(lines)} rows {figure.row!r}, and has to have one")
    found = re.search(figure.after + r"([\d,]+\.?\d*)", cells(lines[0])[figure.column])
    if found is None:
        raise LookupError(f"{figure.table}.md, {figure.row!r}: no number in {lines[0]!r}")
    return float(found[1].replace(",", ""))


def of_present_columns() -> bool:
    """Say whether the speed was measured with the columns that the default preset has."""
    from skcrystal import CrystalFeaturizer

    return measured(FIGURES["columns"]) == len(CrystalFeaturizer().get_feature_names_out())


def renewed(text: str, quotation: str, figures: dict[str, float]) -> tuple[str, list[str]]:
    """Return a text with the figures of one quotation as measured, and what has changed."""
    parts = re.split(r"\{(\w+):(\.\df)\}", quotation)
    words = [r"\s+".join(map(re.escape, re.split(r"\s+", part))) for part in parts[::3]]
    found = re.findall(r"([\d.,]*\d)".join(f"({part})" for part in words), text)
    if len(found) != 1:
        raise LookupError(f"{len(found)} places say {quotation!r}, and one has to")
    pieces, changes = list(found[0]), []
    for place, (name, digits) in enumerate(zip(parts[1::3], parts[2::3], strict=True)):
        new = format(figures[name], f",{digits}")
        if pieces[2 * place + 1] != new:
            changes.append(f"{name} {pieces[2 * place + 1]} -> {new}")
            pieces[2 * place + 1] = new
    return text.replace("".join(found[0]), "".join(pieces)), changes


def main() -> int:
    """Go through all quotations; return 1 where ``--check`` is asked for and a figure is another one."""
    check = "--check" in sys.argv[1:]
    figures = {name: measured(figure) for name, figure in FIGURES.items()}
    stale = {name for name, figure in FIGURES.items() if figure.table == "RESULTS"}
    if of_present_columns():
        stale.clear()
    else:
        print("RESULTS.md was measured with other columns: figures of speed are left as they are")
    changed = False
    for name, quotations in QUOTATIONS.items():
        old = text = (ROOT / name).read_text(encoding="utf-8")
        for quotation in quotations:
            if not stale & set(re.findall(r"\{(\w+):", quotation)):
                text, changes = renewed(text, quotation, figures)
                print(*(f"{name}: {change}" for change in changes), sep="\n", end="\n" * bool(changes))
        if text != old:
            changed = True
            if not check:
                (ROOT / name).write_text(text, encoding="utf-8")
    return int(changed and check)


if __name__ == "__main__":
    sys.exit(main())
