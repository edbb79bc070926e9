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
# A forest is quickly fitted; the recommended model stands in the same place.

import json
import warnings
from collections.abc import Awaitable, Callable

import matplotlib.pyplot as plt
import numpy as np

try:
    from fastapi import FastAPI, HTTPException, Response
    from fastapi import Request as HttpRequest
    from fastapi.responses import JSONResponse
    from fastapi.testclient import TestClient
    from pydantic import BaseModel, Field
except ImportError as error:
    raise ImportError(
        "this program needs FastAPI: pip install fastapi uvicorn httpx"
    ) from error

from skcrystal import CrystalError, as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.formats import cif_text
from skcrystal.models import (
    ConformalRegressor,
    DomainOfApplicability,
    RequestBatcher,
    forest_regressor,
)
from skcrystal.plots import DomainDisplay

X, y = load_experimental(return_X_y=True)
X, y = X[::EVERY], y[::EVERY]
forest = forest_regressor(n_estimators=N_TREES, n_jobs=1, random_state=0)
model = DomainOfApplicability(ConformalRegressor(forest), warn=False).fit(X, y)

# %%
# The service
# -----------
# A request that is too large is refused by what its header says, before any of it is read, and a text that is
# too long by FastAPI itself; one that is no crystal is answered by the sentence that says why.
#
# FastAPI runs each request in a thread of its own. Requests that wait while others are answered are answered
# together by one call of ``answers``, which describes all crystals once for everything that is asked of them:
# a row of a batch costs a fraction of a call. One that is no crystal fails alone.

app = FastAPI(title="Band gaps")
pipeline = model.model_.regressor_


def answers(texts: list[str]) -> list[dict[str, object]]:
    """Return the predicted gaps in eV, their intervals, and whether they can be relied on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what was repaired in a text
        crystals = as_crystals(texts)
        with pipeline.described_once(crystals):
            predicted = model.predict(crystals)
            intervals = model.predict_interval(crystals)
            seen = model.assess(crystals)
    return [
        {
            "band_gap": round(float(gap), 3),
            # The forest does not know that a gap is never below 0.
            "interval": [round(max(float(end), 0.0), 3) for end in interval],
            "inside_domain": bool(inside),
            "score": round(float(score), 2),
            "reason": reason,
        }
        for gap, interval, inside, score, reason in zip(
            predicted,
            intervals,
            seen["inside"],
            seen["score"],
            seen["reason"],
            strict=True,
        )
    ]


answer = RequestBatcher(answers)


class Request(BaseModel):
    """One crystal: the text of a CIF or POSCAR."""

    structure: str = Field(max_length=MOST_CHARACTERS)


@app.middleware("http")
async def refuse_large(
    request: HttpRequest,
    answer_of: Callable[[HttpRequest], Awaitable[Response]],
) -> Response:
    """Refuse what is larger than any text may be, or does not say how large it is."""
    length = request.headers.get("content-length", "")
    # Escaped, a character of a file takes six bytes of JSON.
    if request.method == "POST" and not (
        length.isdecimal() and int(length) <= 6 * MOST_CHARACTERS + 100
    ):
        return JSONResponse(
            {"detail": f"send at most {MOST_CHARACTERS:,} characters"}, 413
        )
    return await answer_of(request)


@app.post("/predict")
def predict(request: Request) -> dict[str, object]:
    """Answer one request, with those that wait beside it."""
    # A line break tells a text from the path of a file, which a service must not read.
    if "\n" not in request.structure:
        raise HTTPException(
            422, "send the text of a CIF or POSCAR, which has more than one line"
        )
    try:
        return answer(request.structure)
    except CrystalError as error:
        raise HTTPException(422, str(error).removeprefix("crystal 0: ")) from error


# %%
# Requests
# --------
# The client of the tests asks the service without a network; ``uvicorn plot_served_model:app`` serves it to
# others.

client = TestClient(app)
odd = cif_text(X[0]).replace("\n", "\n# a comment\n", 1)
for text in (
    odd,
    "data_nothing\n",
    "x" * (MOST_CHARACTERS + 1),
    "x" * 10 * MOST_CHARACTERS,
):
    response = client.post("/predict", json={"structure": text})
    print(response.status_code, json.dumps(response.json())[:200])

# %%
# Errors over scores
# ------------------
# The score orders errors on crystals that were left out, at random and by element.

axes = plt.figure(figsize=(6.4, 4.0), layout="constrained").add_subplot()
DomainDisplay.from_estimator(model, ax=axes)
print(f"{np.sum(model.held_out_elements_ > 0)} crystals with an element left out")
plt.show()
