"""
From the Materials Project
==========================

Hundreds of thousands of computed crystals are a query away: ask once, keep the answer, train on it, and let
the file say what was asked. Without a key this page asks a small service that the program starts on this
machine: it answers as the Materials Project does, with fewer crystals.
"""

# %%
# What may be changed
# -------------------

# Trees of the forest.
N_TREES = 200

# Every how many-th crystal of the small service is used: 1 takes all.
EVERY = 1

# %%
# With a key
# ----------
# A key is free, at https://materialsproject.org/api. It stands in the environment variable ``MP_API_KEY``,
# never in a program, and then these two lines are all; mp-api is the extra ``materials-project``::
#
#     from skcrystal.datasets import fetch_materials_project
#     data = fetch_materials_project(fields=["band_gap"], elements=["O"], num_elements=(2, 2))
#
# Filters are those of mp-api's ``materials.summary.search``, and fields those of its summary.

import os

query = {"fields": ["band_gap"], "elements": ["O"], "num_elements": (2, 2)}

# %%
# Without a key
# -------------
# The service gives the built-in crystals that fit the query, with their measured gaps. mp-api itself asks
# it, so that all that follows is as with a key.

import http.server
import json
import tempfile
import threading
from urllib.parse import parse_qs, urlsplit

from skcrystal.datasets import fetch_materials_project, load_experimental

built_in = load_experimental()
KNOWN = {
    f"mp-{number}": {
        "material_id": f"mp-{number}",
        "structure": crystal.to_structure().as_dict(),
        "band_gap": float(gap),
    }
    for number, (crystal, gap) in enumerate(
        zip(built_in.data[::EVERY], built_in.target[::EVERY], strict=True), start=1
    )
    if "O" in crystal.composition and len(crystal.composition) == 2
}


class Service(http.server.BaseHTTPRequestHandler):
    """Answer the two addresses that are asked for: the version of the data, and their summary."""

    def do_GET(self):
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path.endswith("/heartbeat"):
            answer = {
                "status": "OK",
                "version": "0.86.3",
                "db_version": "built-in",
                "access_controlled_batch_ids": [],
            }
        else:
            ids = asked.get("material_ids", ",".join(KNOWN)).split(",")
            names = asked["_fields"].split(",")
            found = [{name: KNOWN[key][name] for name in names} for key in ids]
            start = int(asked.get("_skip", 0))
            page = found[start : start + int(asked.get("_limit", 100))]
            answer = {"data": page, "meta": {"total_doc": len(found)}}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Write no line for each request."""


folder = tempfile.TemporaryDirectory()
if os.environ.get("MP_API_KEY"):
    data = fetch_materials_project(**query, verbose=True)
else:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    data = fetch_materials_project(
        **query,
        api_key="0" * 32,
        endpoint=f"http://127.0.0.1:{server.server_port}/",
        data_home=folder.name,
    )
    server.shutdown()
    server.server_close()
data.frame[["id", "formula", "band_gap"]].head()

# %%
# What the file knows
# -------------------
# The answer lies in one Parquet file with the query, the date and the version of the database. The same
# call reads it again, without key or network; an interrupted one goes on where it stopped.

print(data.DESCR)
print(os.path.basename(data.filename), os.path.getsize(data.filename), "bytes")

# %%
# Before training
# ---------------
# A database holds a compound in many forms, and computed structures twice. ``duplicates`` finds what is the
# same crystal.

import numpy as np

import skcrystal

known = np.isfinite(data.target)
X, y = data.data[known], data.target[known]
twins = skcrystal.duplicates(X, confirm=False)
print(f"{len(X)} crystals, {len(twins)} of them the same as another")

# %%
# Train and judge
# ---------------
# No formula on both sides of a fold: polymorphs would make it easy.

import matplotlib.pyplot as plt
from sklearn.model_selection import cross_val_predict

from skcrystal.models import forest_regressor
from skcrystal.plots import ParityDisplay
from skcrystal.splits import FormulaKFold

model = forest_regressor(n_estimators=N_TREES, n_jobs=1, random_state=0)
predicted = cross_val_predict(model, X, y, cv=FormulaKFold(5))
fig, ax = plt.subplots(figsize=(5, 5), layout="constrained")
ParityDisplay.from_predictions(
    y, predicted, quantity="band gap", unit="eV", title="binary oxides", ax=ax
)
plt.show()

# %%

folder.cleanup()

# %%
# Gaps of the Materials Project are computed with PBE, which makes them about half as large as measured
# ones, and magnetic oxides with a correction (DFT+U). One column, one method: do not mix them with measured
# gaps. Cite Jain et al., APL Materials 1 (2013) 011002, doi 10.1063/1.4812323, and the terms of the data,
# CC BY 4.0.
