"""The sentences of the page on troubleshooting are those that users see: each is provoked here."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Molecule, Structure
from sklearn.dummy import DummyClassifier, DummyRegressor

from skcrystal import CrystalFeaturizer, as_crystals
from skcrystal.datasets import fetch_materials_project, load_experimental
from skcrystal.formats import read, read_text
from skcrystal.inspection import family_importance
from skcrystal.kernels.watch import MESSAGE
from skcrystal.models import ZeroInflatedRegressor, load, make_regressor
from skcrystal.splits import LeaveOneElementOut

PAGE = Path(__file__).parent.parent / "docs" / "guide" / "troubleshooting.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the tests run without the repository")

SALT = Structure(Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
TINY = Structure(Lattice.cubic(0.564), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
TWICE = Structure(Lattice.cubic(4), ["Na", "Cl"], [[0, 0, 0], [0, 0, 0]])
SHARED = Structure(Lattice.cubic(4), [{"Na": 0.5, "K": 0.5}], [[0, 0, 0]])
WATER = Molecule(["O", "H", "H"], [[0, 0, 0], [0, 0, 1], [0, 1, 0]])
POSCAR = "x\n1.0\n4 0 0\n0 4 0\n0 0 4\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
CELL = "".join(f"_cell_length_{x} 4\n" for x in "abc") + "".join(
    f"_cell_angle_{x} 90\n" for x in ("alpha", "beta", "gamma")
)
ATOM = "loop_\n_atom_site_label\n" + "".join(f"_atom_site_fract_{x}\n" for x in "xyz") + "Qq1 0 0 0\n"


def described(*items, **options):
    return CrystalFeaturizer(**options).transform(list(items))


def xyz_without_a_cell(folder):
    (folder / "a.xyz").write_text("1\nwater\nO 0 0 0\n")
    read(folder / "a.xyz")


def a_pickle(folder):
    (folder / "model.joblib").write_bytes(b"\x80\x04.")
    load(folder / "model.joblib")


def rows_of_nan(folder):
    from sklearn.linear_model import Ridge

    Ridge().fit(np.array([[1.0], [np.nan]]), [1, 2])


def lengths_that_differ(folder):
    pytest.importorskip("xgboost", reason="make_regressor needs the extra models")
    X, y = load_experimental(return_X_y=True)
    make_regressor().fit(X[:10], y[:9])


def a_target_below_zero(folder):
    model = ZeroInflatedRegressor(DummyRegressor(), DummyClassifier())
    model.fit(np.zeros((4, 1)), np.array([0.0, 1.0, 0.0, -0.16]))


def a_target_of_zeros(folder):
    pytest.importorskip("xgboost", reason="make_regressor needs the extra models")
    X, y = load_experimental(return_X_y=True)
    make_regressor(target="positive").fit(X[:60], y[:60])


def no_key(folder):
    pytest.importorskip("mp_api", reason="mp-api is optional: pip install 'skcrystal[materials-project]'")
    fetch_materials_project(formula="ABC3", data_home=folder)


# In the order of the page: how each sentence comes about.
PROVOKED = [
    lambda folder: read(folder / "none.cif"),
    lambda folder: as_crystals([3]),
    lambda folder: described(SALT, None),
    lambda folder: described("NaCl"),
    lambda folder: CrystalFeaturizer().transform(pd.DataFrame({"a": [SALT], "b": [1]})),
    lambda folder: CrystalFeaturizer().transform(np.ones((3, 4))),
    lambda folder: described(WATER),
    xyz_without_a_cell,
    lambda folder: read_text(POSCAR),
    lambda folder: read_text("data_b\n_cell_length_a 3\n"),
    lambda folder: read_text(f"data_a\n{CELL}{ATOM}"),
    lambda folder: described(TINY),
    lambda folder: described(TWICE),
    lambda folder: described(SHARED, disorder="raise"),
    lambda folder: described(SALT, "none.cif", on_error="nan"),
    lambda folder: described("https://example.org/a.cif"),
    rows_of_nan,
    lambda folder: CrystalFeaturizer().set_params(foo=1),
    lambda folder: CrystalFeaturizer([("a", 3)]).fit_transform([SALT]),
    lambda folder: family_importance(3, [SALT], [1.0]),
    a_target_below_zero,
    a_target_of_zeros,
    lengths_that_differ,
    lambda folder: list(LeaveOneElementOut(min_test=999).split([SALT, SALT])),
    a_pickle,
    no_key,
]


def sentences():
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return re.findall(r"^`(.*)`\n: ", text, re.M)


def test_each_sentence_of_the_page_is_provoked():
    # The last one is no error; it has its own test.
    assert len(sentences()) == len(PROVOKED) + 1


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.parametrize("number", range(len(PROVOKED)))
def test_a_sentence_is_the_one_that_users_see(number, tmp_path, monkeypatch):
    monkeypatch.delenv("MP_API_KEY", raising=False)
    monkeypatch.setattr("pymatgen.core.SETTINGS", {})
    parts = re.split("‹.*?›", sentences()[number])
    with pytest.raises((ValueError, TypeError, OSError, UserWarning)) as seen:
        PROVOKED[number](tmp_path)
    assert re.search(".*".join(map(re.escape, parts)), str(seen.value), re.S), str(seen.value)


def test_the_line_on_compilation_is_the_one_that_is_written():
    assert MESSAGE.startswith(sentences()[-1])
