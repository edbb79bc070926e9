"""The data sets that accuracy is measured on, with their folds.

They are looked for in ../shared/data beside the repository, or in the data folder of the one that the
environment variable SKCRYSTAL_SHARED names.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, KFold, train_test_split

from skcrystal import as_compositions, as_crystals
from skcrystal.chemistry.elements import symbols
from skcrystal.featurizer.presets import PRESETS
from skcrystal.inputs import read_compositions
from skcrystal.models import make_regressor
from skcrystal.models.out_of_fold_regressor import formula_keys
from skcrystal.splits import ChemicalSystemKFold, LeaveOneElementOut

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "LOADERS",
    "OF_FORMULAS",
    "SEED",
    "Task",
    "computed_gaps",
    "data_folder",
    "formula_numbers",
    "joined_steps",
    "load_tasks",
    "require_data_folder",
]

SEED = 0
PHONON_SEED = 18012019
TARGETS = ("real", "positive", "nonnegative")
# Elements that are left out one at a time, and the crystals that the sample's models then learn from: each
# costs a fit.
LEFT_OUT, LEAST_CRYSTALS, LEARNED_FROM = 8, 20, 3000

Folds = list[tuple["NDArray[Any]", "NDArray[Any]"]]


@dataclass(frozen=True)
class Task:
    """Crystals, one target, and the ways to split them.

    Attributes
    ----------
    name, unit : str
        The unit is the target's.
    crystals : list
        Crystals or formulas. Shared by the tasks on the same crystals, and then the same object.
    y : ndarray of shape (n_crystals,)
    development : ndarray of bool of shape (n_crystals,)
        The rows that may have a say in the choice of descriptors and models.
    target : str
        As for `make_regressor`.
    splits : dict of str to list of (train, test)
    note : str
    preset : str
        What describes them.
    loss : str
        As for `make_regressor`: what the models that people compare with are judged by.
    """

    name: str
    unit: str
    crystals: list[Any] = field(repr=False)
    y: NDArray[np.float64] = field(repr=False)
    development: NDArray[np.bool_] = field(repr=False)
    target: str
    splits: dict[str, Folds] = field(repr=False)
    note: str = ""
    preset: str = "default"
    loss: str = "absolute_error"


def data_folder() -> Path | None:
    """Return the folder of the data, or None where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("SKCRYSTAL_SHARED", default)) / "data"
    return folder if folder.is_dir() else None


def require_data_folder() -> Path:
    """Return the folder of the data, or say that it is absent and end the program."""
    folder = data_folder()
    if folder is None:
        print("the data are not in ../shared/data; name their folder with SKCRYSTAL_SHARED", file=sys.stderr)
        raise SystemExit(2)
    return folder


def table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table, in which a formula may read as NaN."""
    return pd.read_csv(folder / name, keep_default_na=False)


def folds(splitter: Any, n: int, groups: Any = None) -> Folds:
    """Return the train and test rows of each fold."""
    return list(splitter.split(np.zeros(n), groups=groups))


def five(n: int, formulas: Any, seed: int = SEED) -> dict[str, Folds]:
    """Return five random folds and five by formula."""
    return {
        f"random, KFold(5, shuffle, seed {seed})": folds(KFold(5, shuffle=True, random_state=seed), n),
        "by formula, GroupKFold(5)": folds(GroupKFold(5), n, formulas),
    }


def joined_steps(preset: str) -> list[tuple[str, Any]]:
    """Return the steps of a preset, and behind them those that join it for some target."""
    steps = dict(PRESETS[preset]())
    for target in TARGETS:
        steps |= dict(make_regressor(preset, target=target)[0].descriptors)
    return [*steps.items()]


def formula_numbers(crystals: list[Any]) -> NDArray[np.intp]:
    """Return a number per crystal, the same for crystals of one reduced formula."""
    # In hundredths, for the occupancies of disordered sites.
    amounts = np.rint(100 * as_crystals(crystals).element_amounts).astype(int)
    reduced = amounts // np.gcd.reduce(amounts, axis=1)[:, None]
    numbers: NDArray[np.intp] = np.unique(reduced, axis=0, return_inverse=True)[1]
    return numbers


def half_of_formulas(formulas: Any) -> NDArray[np.bool_]:
    """Return which rows are in a random half of the formulas: what may be developed on."""
    numbers = np.unique(formulas, return_inverse=True)[1]
    chosen: NDArray[np.bool_] = np.random.default_rng(SEED).random(numbers.max() + 1) < 0.5
    return chosen[numbers]


def without_elements(crystals: list[Any], testable: Any = None, most: int | None = None) -> dict[str, Folds]:
    """Return folds that each leave one element out, for some elements between the frequent and the rare.

    Parameters
    ----------
    crystals : list
    testable : ndarray of bool, default=None
        The rows that may be tested on; the others train. None lets all do both.
    most : int, default=None
        How many crystals to learn from, drawn at random; None is all.
    """
    compositions = as_compositions(crystals)
    present = compositions.element_amounts > 0
    counts = present.sum(axis=0) if testable is None else present[testable].sum(axis=0)
    # What more than a quarter of the crystals hold leaves too little to learn from.
    leaves_enough = present.sum(axis=0) <= len(crystals) / 4
    order = [
        z for z in np.argsort(-counts, kind="stable") if counts[z] >= LEAST_CRYSTALS and leaves_enough[z]
    ]
    chosen = [order[i] for i in np.linspace(0, len(order) - 1, LEFT_OUT).astype(int)]
    splitter = LeaveOneElementOut([symbols()[z] for z in chosen])
    found = []
    for train, test in splitter.split(compositions):
        if testable is not None:
            train, test = train[~testable[train]], test[testable[test]]
        if most is not None:
            train = np.sort(np.random.default_rng(SEED).permutation(train)[:most])
        found.append((train, test))
    return {f"without one element ({', '.join(splitter.kinds_left_out(compositions))})": found}


def _abc3(folder: Path) -> list[Task]:
    rows = table(folder, "mp_abc3.csv.gz")
    formulas = rows["formula"]
    return [
        Task(
            name="ABC3 band gap",
            unit="eV",
            crystals=rows["cif"].tolist(),
            y=_numbers(rows["band_gap"]),
            development=half_of_formulas(formulas),
            target="nonnegative",
            splits=five(len(rows), formulas) | without_elements(rows["cif"].tolist()),
        )
    ]


def _phonons(folder: Path) -> list[Task]:
    with gzip.open(folder / "matbench_phonons.json.gz", "rt", encoding="utf-8") as file:
        rows = json.load(file)["data"]
    crystals = [row[0] for row in rows]
    formulas = formula_numbers(crystals)
    return [
        Task(
            name="matbench_phonons",
            unit="1/cm",
            crystals=crystals,
            y=np.array([row[-1] for row in rows], dtype=float),
            development=half_of_formulas(formulas),
            target="positive",
            splits=five(len(rows), formulas, PHONON_SEED),
            note="random: the official folds",
        )
    ]


def _perovskites(folder: Path) -> list[Task]:
    rows = table(folder, "perovskites.csv.gz")
    return [
        Task(
            name="perovskite formation energy",
            unit="eV/cell",
            crystals=rows["poscar"].tolist(),
            y=_numbers(rows["heat_all"]),
            development=half_of_formulas(rows["formula"]),
            target="real",
            splits=dict(list(five(len(rows), rows["formula"]).items())[:1]),
            note="no formula occurs twice: random folds are folds by formula",
        )
    ]


def _sample(folder: Path) -> list[Task]:
    rows = table(folder, "mp_sample.csv.gz")
    n, cifs = len(rows), rows["cif"].tolist()
    train = train_test_split(np.arange(n), test_size=0.2, random_state=SEED)[0]
    development = np.isin(np.arange(n), train)
    test = np.flatnonzero(~development)
    # No row is tested on that was developed on: both splits share the training rows.
    new = test[~rows["formula"].iloc[test].isin(rows["formula"].iloc[train])]
    splits = {
        f"random, 80/20, seed {SEED}": [(train, test)],
        "those of its test rows whose formula is in no training row": [(train, new)],
    }
    splits |= without_elements(cifs, ~development, LEARNED_FROM)
    note = f"Without an element, models learn from {LEARNED_FROM:,} crystals."
    gap, energy = _numbers(rows["band_gap"]), _numbers(rows["formation_energy_per_atom"])
    return [
        Task("mp_sample band gap", "eV", cifs, gap, development, "nonnegative", splits, note),
        Task("mp_sample formation energy", "eV/atom", cifs, energy, development, "real", splits, note),
    ]


def computed_gaps(folder: Path) -> tuple[list[str], NDArray[np.float64]]:
    """Return the formulas of mp_sample, each once, and the computed gap of its most stable crystal."""
    rows = table(folder, "mp_sample.csv.gz")
    rows["key"] = formula_keys(rows["formula"].tolist())
    energies = _numbers(rows["formation_energy_per_atom"])
    rows = rows.iloc[np.argsort(energies, kind="stable")].drop_duplicates("key")
    return rows["formula"].tolist(), _numbers(rows["band_gap"])


def _expt_gap(folder: Path) -> list[Task]:
    rows = table(folder, "expt_gap.csv.gz")
    fold = rows["fold"].to_numpy()
    computed = set(formula_keys(computed_gaps(folder)[0]))
    new = np.array([key not in computed for key in formula_keys(rows["formula"].tolist())])
    return [
        Task(
            name="measured band gap",
            unit="eV",
            crystals=rows["formula"].tolist(),
            y=_numbers(rows["band_gap"]),
            development=half_of_formulas(rows["formula"]),
            target="nonnegative",
            splits={
                "folds of matbench_expt_gap": [
                    (np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(5)
                ],
                "those of their test formulas that are not in mp_sample": [
                    (np.flatnonzero(fold != k), np.flatnonzero((fold == k) & new)) for k in range(5)
                ],
            },
            note=f"Five of matbench's 4,604 rows are missing. {np.sum(~new):,} formulas are in mp_sample. "
            "Half of the formulas had a say in who votes on zeros, and in how a second fidelity is used.",
            preset="composition",
        )
    ]


def _supercon(folder: Path) -> list[Task]:
    rows, note = _critical_temperature_rows(folder)
    return [_critical_temperatures("critical temperature", rows, note)]


def _supercon_reported(folder: Path) -> list[Task]:
    rows, _ = _critical_temperature_rows(folder)
    # What published models are judged on.
    rows = rows[rows["critical_temperature"] > 0]
    return [_critical_temperatures("critical temperature, where one was reported", rows, "")]


def _critical_temperature_rows(folder: Path) -> tuple[pd.DataFrame, str]:
    rows = table(folder, "supercon.csv.gz")
    misspelt = read_compositions(rows["formula"].tolist())[1]
    note = (
        f"{len(misspelt)} more are left out: they hold a variable, a sign or an amount of 0. Doped relatives "
        "of a compound are many, and a random split has them on both sides."
    )
    return rows.drop(index=list(misspelt)).reset_index(drop=True), note


def _critical_temperatures(name: str, rows: pd.DataFrame, note: str) -> Task:
    formulas = rows["formula"].tolist()
    systems = ChemicalSystemKFold().labels(formulas)
    splitter = KFold(5, shuffle=True, random_state=SEED)
    return Task(
        name=name,
        unit="K",
        crystals=formulas,
        y=_numbers(rows["critical_temperature"]),
        development=half_of_formulas(systems),
        target="nonnegative",
        splits={
            f"random, KFold(5, shuffle, seed {SEED})": folds(splitter, len(rows)),
            "by set of elements, GroupKFold(5)": folds(GroupKFold(5), len(rows), systems),
        },
        note=note,
        preset="composition",
        # Published models are judged by R2.
        loss="squared_error",
    )


LOADERS = {
    "abc3": _abc3,
    "phonons": _phonons,
    "perovskites": _perovskites,
    "sample": _sample,
    "expt_gap": _expt_gap,
    "supercon": _supercon,
    "supercon_reported": _supercon_reported,
}
# Those that have no structures.
OF_FORMULAS = ("expt_gap", "supercon", "supercon_reported")


def load_tasks(folder: Path, names: list[str]) -> list[Task]:
    """Return the tasks of the named sets; `LOADERS` has the names."""
    return [task for name in names for task in LOADERS[name](folder)]


def _numbers(column: Any) -> NDArray[np.float64]:
    return np.asarray(column, dtype=np.float64)
