"""Measured crystals and their band gaps, from the package's own data file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gemmi
import numpy as np

from skcrystal.chemistry.elements import atomic_number
from skcrystal.chemistry.tables import table_rows
from skcrystal.crystals.crystal import Crystal
from skcrystal.formats.cell import lattice_from_parameters

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["load_experimental"]

_DATA = Path(__file__).parent / "data"

_CELL = ("a", "b", "c", "alpha", "beta", "gamma")


def _read_rows() -> list[dict[str, str]]:
    return table_rows("experimental.csv", _DATA)


def _expand(row: dict[str, str]) -> Crystal:
    """Build the conventional cell of one row from its asymmetric unit."""
    cell = [float(row[name]) for name in _CELL]
    small = gemmi.SmallStructure()
    small.cell = gemmi.UnitCell(*cell)
    # The data file is written in gemmi's default setting of each group: origin choice 1, hexagonal axes.
    small.spacegroup_hall = gemmi.find_spacegroup_by_number(int(row["space_group"])).hall
    small.determine_and_set_spacegroup("h")
    for text in row["sites"].split(";"):
        symbol, *xyz = text.split()
        site = gemmi.SmallStructure.Site()
        site.type_symbol = symbol
        site.fract = gemmi.Fractional(*map(float, xyz))
        small.add_site(site)
    sites = small.get_all_unit_cell_sites()
    return Crystal.ordered(
        lattice_from_parameters(*cell),
        [site.fract.tolist() for site in sites],
        [atomic_number(site.type_symbol) for site in sites],
        source=f"experimental {row['name'] or row['formula']}",
    )


def load_experimental(*, return_X_y: bool = False, as_frame: bool = False) -> Bunch | tuple[Any, Any]:
    """Load measured crystal structures with their measured band gaps in eV; metals have 0.

    About 470 well-known crystals, from rock salt to perovskites and chalcopyrites, with the metals that
    share their structure types. Every crystal is built from its space group when it is loaded. The
    sources, the checks and what was left out stand in ``DESCR``.

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If True, ``data`` and ``target`` are pandas objects and ``frame`` is filled.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : Crystals of shape (n_crystals,), or DataFrame of shape (n_crystals, 1)
            The conventional cells; as a frame, one column ``structure`` of :class:`~skcrystal.Crystal`.
        target : ndarray or Series of shape (n_crystals,)
            Band gap in eV.
        frame : DataFrame or None
            Only with ``as_frame=True``: the columns structure, formula, name, prototype, space_group,
            band_gap (eV), gap_kind (direct, indirect, unknown or metal) and sources.
        formula : ndarray of str, of shape (n_crystals,)
            Reduced formulas; the groups for a split that keeps polymorphs together.
        feature_names, target_names : list of str
            "structure" and "band_gap".
        DESCR : str
            Sources, checks, and what was left out.
        filename, data_module : str
            Name of the data file, and of the package that holds it.

    (data, target) : tuple, if ``return_X_y`` is True

    References
    ----------
    Strehlow and Cook 1973, doi:10.1063/1.3253115; Borlido et al. 2019, doi:10.1021/acs.jctc.9b00322;
    Zhuo et al. 2018, doi:10.1021/acs.jpclett.8b00124.

    Examples
    --------
    >>> from skcrystal.datasets import load_experimental
    >>> gaps = load_experimental(as_frame=True).frame.set_index("formula").band_gap
    >>> float(gaps["GaAs"]), float(gaps["Cu"])
    (1.42, 0.0)
    """
    # Imported when used: scikit-learn and pandas take longer to import than the data to load.
    from sklearn.utils import Bunch

    from skcrystal.crystals.batch import Crystals

    rows = _read_rows()
    crystals = [_expand(row) for row in rows]
    target: Any = np.array([float(row["band_gap"]) for row in rows])
    data: Any
    frame = None
    if as_frame:
        import pandas as pd

        frame = pd.DataFrame(
            {
                "structure": pd.Series(crystals, dtype=object),
                "formula": [row["formula"] for row in rows],
                "name": [row["name"] for row in rows],
                "prototype": [row["prototype"] for row in rows],
                "space_group": [int(row["space_group"]) for row in rows],
                "band_gap": target,
                "gap_kind": [row["gap_kind"] for row in rows],
                "sources": [row["sources"] for row in rows],
            }
        )
        data, target = frame[["structure"]], frame["band_gap"]
    else:
        data = Crystals.from_crystals(crystals)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        frame=frame,
        formula=np.array([row["formula"] for row in rows]),
        feature_names=["structure"],
        target_names=["band_gap"],
        DESCR=(_DATA / "experimental.rst").read_text(encoding="utf-8"),
        filename="experimental.csv",
        data_module="skcrystal.datasets.data",
    )
