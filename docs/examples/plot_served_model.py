"""
A model behind a web service
============================

A fitted model answers requests of one crystal each: with the prediction, an interval, and whether the crystal
is like those that it has learned from. It needs FastAPI, ``pip install fastapi uvicorn httpx``; where that is
absent this program is shown and not run.
"""

# %%
# What may be changed
# -------------------

# Trees of the forest.
N_TREES = 100

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# Characters of a request's text.
MOST_CHARACTERS = 100_000

# %%
# A model that knows what it does not know
# ----------------------------------------
# ``on_error="nan"`` lets a request that is no crystal have no answer. A forest is quickly fitted; the
# recommended model stands in the same place.

import json
import warnings

import matplotlib.pyplot as plt
import numpy as np

try:
    from fastapi import FastAPI, HTTPException
    from fastapi.testclient import TestClient
    from pydantic import BaseModel, Field
except ImportError as error:
    raise ImportError(
        "this program needs FastAPI: pip install fastapi uvicorn httpx"
    ) from error

from skcrystal.datasets import load_experimental
from skcrystal.formats import cif_text
from skcrystal.models import ConformalRegressor, DomainOfApplicability, forest_regressor
from skcrystal.plots import DomainDisplay

X, y = load_experimental(return_X_y=True)
X, y = X[::EVERY], y[::EVERY]
forest = forest_regressor(n_estimators=N_TREES, n_jobs=1, random_state=0)
forest.set_params(crystalfeaturizer__on_error="nan")
model = DomainOfApplicability(ConformalRegressor(forest), warn=False).fit(X, y)

# %%
# The service
# -----------
# A text that is too long is refused before it is read, by FastAPI itself; one that is no crystal is answered
# by the sentence that says why. ``report`` returns what was wrong with this request, whichever other threads
# ask at the same time.

app = FastAPI(title="Band gaps")
featurizer = forest[0]


class Request(BaseModel):
    """One crystal: the text of a CIF or POSCAR."""

    structure: str = Field(max_length=MOST_CHARACTERS)


@app.post("/predict")
def predict(request: Request) -> dict[str, object]:
    """Return the predicted gap in eV, its interval, and whether it can be relied on."""
    items = [request.structure]
    # A line break tells a text from the path of a file, which a service must not read.
    if "\n" not in request.structure:
        raise HTTPException(
            422, "send the text of a CIF or POSCAR, which has more than one line"
        )
    errors = featurizer.report(items).errors
    if errors:
        raise HTTPException(422, errors[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what was repaired in it
        low, high = model.predict_interval(items)[0]
        seen = model.assess(items).iloc[0]
        return {
            "band_gap": round(float(model.predict(items)[0]), 3),
            "interval": [round(float(low), 3), round(float(high), 3)],
            "inside_domain": bool(seen["inside"]),
            "score": round(float(seen["score"]), 2),
            "reason": seen["reason"],
        }


# %%
# Requests
# --------
# The client of the tests asks the service without a network; ``uvicorn plot_served_model:app`` serves it to
# others.

client = TestClient(app)
odd = cif_text(X[0]).replace("\n", "\n# a comment\n", 1)
for text in (odd, "data_nothing\n", "x" * (MOST_CHARACTERS + 1)):
    answer = client.post("/predict", json={"structure": text})
    print(answer.status_code, json.dumps(answer.json())[:200])

# %%
# Errors over scores
# ------------------
# The score orders errors on crystals that were left out, at random and by element.

axes = plt.figure(figsize=(6.4, 4.0), layout="constrained").add_subplot()
DomainDisplay.from_estimator(model, ax=axes)
print(f"{np.sum(model.held_out_elements_ > 0)} crystals with an element left out")
plt.show()
