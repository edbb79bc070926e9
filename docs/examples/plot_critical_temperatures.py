"""
Critical temperatures from formulas
===================================

Which material superconducts, and below which temperature, is asked of formulas long before there is a
structure. A hundred measured ones are enough to see what columns of a formula can learn, and what no random
split shows: the next family of superconductors.
"""

# %%
# What may be changed
# -------------------

# Trees of each forest.
N_TREES = 200

# Every how many-th superconductor is used: 1 takes all.
EVERY = 1

# %%
# Measured values
# ---------------
# Critical temperatures in kelvin, at ambient pressure and in bulk, where samples differ those of good ones.
# Each family has its source.

MEASURED = {
    # Roberts, J. Phys. Chem. Ref. Data 5 (1976) 581, doi 10.1063/1.555540: a critical evaluation
    "elements": """
        Al 1.175, Cd 0.517, Ga 1.083, Hg 4.154, In 3.408, Ir 0.1125, La 6.0, Mo 0.915, Nb 9.25, Os 0.66,
        Pb 7.196, Re 1.697, Ru 0.49, Sn 3.722, Ta 4.47, Tc 7.8, Th 1.38, Ti 0.40, Tl 2.38, V 5.40, W
        0.0154, Zn 0.85, Zr 0.61""",
    # The same, and MgB2: Nagamatsu et al., Nature 410 (2001) 63, doi 10.1038/35065039
    "compounds of metals": """
        Nb3Sn 18.05, Nb3Ge 23.2, Nb3Ga 20.3, Nb3Al 18.8, V3Si 17.1, V3Ga 16.5, Nb3Au 11.5, V3Ge 6.0, Mo3Os
        11.8, Cr3Ru 3.4, Ti3Ir 5.4, Ti3Pt 0.58, V3Pt 3.0, Nb3Pt 10.0, NbN 16.0, NbC 11.1, TaC 10.3, TiN
        5.6, ZrN 10.7, VN 8.5, HfN 8.8, MoC 14.3, HfV2 9.2, ZrV2 8.5, NbSe2 7.2, NbS2 6.2, MgB2 39.0""",
    # Poole, Farach, Creswick & Prozorov, Superconductivity, 3rd edition, Elsevier (2014)
    "other compounds": """
        YNi2B2C 15.6, LuNi2B2C 16.6, ErNi2B2C 10.5, HoNi2B2C 8.0, TmNi2B2C 11.0, PbMo6S8 15.0, Mo6Se8 6.3,
        LiTi2O4 12.0, BaPb0.75Bi0.25O3 11.7, Ba0.6K0.4BiO3 29.8, Sr2RuO4 1.5, K3C60 19.3, Rb3C60 29.0,
        Cs2RbC60 33.0, CaC6 11.5, YbC6 6.5, MgCNi3 7.5, KOs2O6 9.6, RbOs2O6 6.3, CsOs2O6 3.3""",
    # Pfleiderer, Rev. Mod. Phys. 81 (2009) 1551, doi 10.1103/RevModPhys.81.1551
    "heavy fermions": """
        CeCu2Si2 0.6, UPt3 0.53, UBe13 0.85, CeCoIn5 2.3, CeIrIn5 0.4, PuCoGa5 18.5, URu2Si2 1.4, UPd2Al3
        2.0, UNi2Al3 1.0, PrOs4Sb12 1.85""",
    # Stewart, Rev. Mod. Phys. 83 (2011) 1589, doi 10.1103/RevModPhys.83.1589
    "iron pnictides": """
        LaFeAsO0.89F0.11 26, CeFeAsO0.84F0.16 41, NdFeAsO0.89F0.11 52, PrFeAsO0.89F0.11 52, SmFeAsO0.9F0.1
        55, Ba0.6K0.4Fe2As2 38, BaFe1.8Co0.2As2 22, LiFeAs 18, FeSe 8, FeTe0.5Se0.5 14""",
    # Park & Snyder, J. Am. Ceram. Soc. 78 (1995) 3171, doi 10.1111/j.1151-2916.1995.tb07953.x
    "cuprates": """
        La1.85Sr0.15CuO4 37.5, La1.85Ba0.15CuO4 30, Nd1.85Ce0.15CuO4 24, Sr0.9La0.1CuO2 43, YBa2Cu3O6.93
        92, GdBa2Cu3O6.95 92, EuBa2Cu3O6.95 93, ErBa2Cu3O6.95 92, YBa2Cu4O8 80, La1.6Sr0.4CaCu2O6 60,
        Bi2Sr2CaCu2O8 85, Bi2Sr2Ca2Cu3O10 110, Tl2Ba2CuO6 90, Tl2Ba2CaCu2O8 110, Tl2Ba2Ca2Cu3O10 125,
        TlBa2CaCu2O7 103, TlBa2Ca2Cu3O9 120, HgBa2CuO4 94, HgBa2CaCu2O6 127, HgBa2Ca2Cu3O8 134,
        Pb2Sr2Y0.5Ca0.5Cu3O8 70""",
}
rows = [
    (family, *entry.split())
    for family, entries in MEASURED.items()
    for entry in entries.split(",")
]

# %%

import numpy as np
import pandas as pd

table = pd.DataFrame(rows, columns=["family", "formula", "kelvin"]).iloc[::EVERY]
formulas, families = table["formula"].to_numpy(), table["family"].to_numpy()
y = table["kelvin"].to_numpy(dtype=float)
table.groupby("family", sort=False)["kelvin"].agg(["size", "min", "max"])

# %%
# From the formula alone
# ----------------------
# The preset ``"composition"`` takes formulas as they are written. Critical temperatures span four orders of
# magnitude: the forest learns the logarithm.

from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline

from skcrystal import CrystalFeaturizer

X = CrystalFeaturizer("composition").fit_transform(formulas)
forest = TransformedTargetRegressor(
    make_pipeline(
        SimpleImputer(),
        ExtraTreesRegressor(N_TREES, max_features=0.3, random_state=0),
    ),
    func=np.log10,
    inverse_func=lambda power: 10**power,
)

# %%
# Two questions
# -------------
# With folds at random each family is known: what is the value of one more member? With a family left out
# whole: would the model have seen it coming?

known = cross_val_predict(forest, X, y, cv=KFold(10, shuffle=True, random_state=0))
unknown = cross_val_predict(forest, X, y, cv=LeaveOneGroupOut(), groups=families)


def times_off(predicted):
    """Return by which factor predictions are off: the geometric mean."""
    return 10 ** np.mean(np.abs(np.log10(predicted / y)))


for name, predicted in (("family known", known), ("family left out", unknown)):
    print(f"{name}: off by a factor of {times_off(predicted):.1f}")

# %%

import matplotlib.pyplot as plt

fig, axes = plt.subplots(1, 2, figsize=(8, 4.4), sharey=True, layout="constrained")
colors = ["#999999", "#0072B2", "#56B4E9", "#CC79A7", "#E69F00", "#D55E00"]
for ax, (name, predicted) in zip(
    axes, (("family known", known), ("family left out", unknown)), strict=True
):
    ax.plot([0.01, 200], [0.01, 200], color="#BBBBBB", lw=0.8)
    for family, color in zip(MEASURED, colors, strict=True):
        mine = families == family
        ax.loglog(y[mine], predicted[mine], "o", ms=5, color=color, label=family)
    ax.set(title=name, xlabel="measured critical temperature (K)")
axes[0].set_ylabel("predicted (K)")
axes[1].legend(frameon=False, fontsize="small", loc="upper left")
plt.show()

# %%
# What is predicted of the cuprates by a model that has not seen one:

cuprates = families == "cuprates"
print(f"highest predicted {unknown[cuprates].max():.0f} K", end=", ")
print(f"highest measured {y[cuprates].max():.0f} K")

# %%
# A tree answers with a mean of what it was shown: it cannot exceed the best superconductor that it knows.
# Errors of random folds are those of one more member of a known family. To rank candidates of a new one,
# judge with families left out, or with :mod:`skcrystal.splits`.
