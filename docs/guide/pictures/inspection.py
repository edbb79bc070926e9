"""Importance of the default preset's families for a random forest on band gaps."""

import matplotlib.pyplot as plt
from sklearn.model_selection import train_test_split

from skcrystal.datasets import load_experimental
from skcrystal.inspection import family_importance
from skcrystal.models import forest_regressor
from skcrystal.plots import ImportanceDisplay

X, y = load_experimental(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)
model = forest_regressor(random_state=0, n_estimators=50).fit(X_train, y_train)
result = family_importance(model, X_test, y_test, random_state=0)

fig, ax = plt.subplots()
ImportanceDisplay.from_importances(
    result.importances,
    result.names,
    score="R²",
    title="random forest, band gaps",
    ax=ax,
)
