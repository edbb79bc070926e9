"""
A folder of files and a table of targets
========================================

Crystals as they lie on most disks: one POSCAR per crystal, and a CSV file that says which file has which
target.
"""

# %%
# What may be changed
# -------------------

# Trees of the forest.
N_TREES = 100

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# %%
# A folder to work on
# -------------------
# To run anywhere, the example writes the built-in crystals to a temporary folder. With files of your own,
# leave this cell out and set ``folder``.

import tempfile
from pathlib import Path

import pandas as pd

from skcrystal.datasets import load_experimental
from skcrystal.formats import write

temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)
data = load_experimental()
lines = []
for number, crystal in enumerate(data.data[::EVERY]):
    name = f"{number:03d}_{crystal.formula}.poscar"
    write(crystal, folder / name, format="poscar")
    lines.append(
        {
            "file": name,
            "formula": crystal.formula,
            "band_gap": data.target[::EVERY][number],
        }
    )
pd.DataFrame(lines).to_csv(folder / "targets.csv", index=False)

print((folder / lines[5]["file"]).read_text())

# %%
# The table
# ---------
# ``keep_default_na=False`` matters: pandas takes the formula ``NaN``, sodium nitride, for a missing value.

targets = pd.read_csv(folder / "targets.csv", keep_default_na=False)
targets.head()

# %%
# The files as X
# --------------
# X may be a list of paths. They are read when a model needs them, in parallel with ``n_jobs``.

paths = [folder / name for name in targets["file"]]
y = targets["band_gap"].to_numpy()

# %%
# ``read_many`` reads them at once; each crystal remembers where it came from. It takes a folder, a pattern,
# an archive or a table as well.

from skcrystal.formats import read_many

crystals = read_many(folder / "*.poscar")
print(len(crystals), "crystals;", crystals[0], "from", Path(crystals[0].source).name)

# %%
# A file that cannot be read is named, with the reason, and nothing is left out in silence.

from skcrystal import CrystalError, CrystalFeaturizer

broken = folder / "broken.poscar"
written = broken.write_text("Si\n1.0\n5.43 0 0\n0 5.43 0\n")
try:
    CrystalFeaturizer().transform([paths[0], broken])
except CrystalError as error:
    print(str(error).replace(str(folder), "folder"))

# %%
# How good is a model on new formulas?
# ------------------------------------
# Each crystal is predicted by a forest that was fitted without its fold. All crystals of one formula are in
# one fold: the polymorphs of a compound resemble each other, and a random split would let the model look.
#
# A row depends on one crystal alone, so the rows are computed once for all folds.

from sklearn.model_selection import GroupKFold, cross_val_predict

from skcrystal.models import forest_regressor

model = forest_regressor(random_state=0, n_estimators=N_TREES)
rows = model[0].transform(paths)
predicted = cross_val_predict(
    model[1:], rows, y, cv=GroupKFold(5), groups=targets["formula"]
)

# %%

import matplotlib.pyplot as plt

from skcrystal.plots import ParityDisplay

fig, ax = plt.subplots(figsize=(5, 5), layout="constrained")
ParityDisplay.from_predictions(
    y,
    predicted,
    quantity="band gap",
    unit="eV",
    title="random forest, new formulas",
    ax=ax,
)
plt.show()

# %%
# Keep the model
# --------------
# The fitted pipeline goes into one file, and predicts from files.

import joblib

model.fit(paths, y)
joblib.dump(model, folder / "band_gap_model.joblib", compress=3)

loaded = joblib.load(folder / "band_gap_model.joblib")
pd.DataFrame(
    {
        "file": targets["file"][:5],
        "measured": y[:5],
        "fitted": loaded.predict(paths[:5]).round(2),
    }
)

# %%

temporary.cleanup()
