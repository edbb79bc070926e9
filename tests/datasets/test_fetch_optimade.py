"""A database on this machine that answers as the OPTIMADE standard says: pages, errors, no crystals."""

from __future__ import annotations

import http.server
import json
import threading
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from skcrystal import CrystalFeaturizer
from skcrystal.chemistry.elements import symbols
from skcrystal.datasets import fetch_optimade, load_experimental
from skcrystal.shards import featurize_dataset

pytest.importorskip("optimade.client", reason="the client is brought by the extra optimade")
pytest.importorskip("pyarrow", reason="Parquet files need pyarrow, which the extra optimade brings")

# The client's own dependencies warn of each other.
pytestmark = pytest.mark.filterwarnings("ignore")

CRYSTALS = [crystal for crystal in load_experimental().data[:30] if (crystal.occupancies == 1).all()][:11]
PAGE = 4


def entry(k, crystal):
    names = [symbols()[number] for number in crystal.atomic_numbers]
    return {
        "id": f"x-{k}",
        "type": "structures",
        "attributes": {
            "lattice_vectors": crystal.lattice.tolist(),
            "cartesian_site_positions": (crystal.frac_coords @ crystal.lattice).tolist(),
            "species_at_sites": names,
            "species": [
                {"name": name, "chemical_symbols": [name], "concentration": [1.0]}
                for name in sorted(set(names))
            ],
            "dimension_types": [1, 1, 1],
            "structure_features": [],
            "_x_band_gap": None if k == 3 else k / 2,
            "_x_kind": "metal",
        },
    }


class Database:
    """Answers with pages of structures; ``ill`` says what becomes of the next requests."""

    def __init__(self):
        self.entries = [entry(k, crystal) for k, crystal in enumerate(CRYSTALS)]
        self.asked = []
        self.ill = []
        database = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                database.asked.append(self.path)
                status, body, headers = database.answer(self.path)
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.api+json")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/optimade"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        if self.ill:
            return self.ill.pop(0)
        query = parse_qs(urlsplit(path).query)
        assert urlsplit(path).path == "/optimade/v1/structures"
        start = int(query.get("page_offset", ["0"])[0])
        fields = query["response_fields"][0].split(",")
        page = [
            {**one, "attributes": {name: one["attributes"].get(name) for name in fields}}
            for one in self.entries[start : start + PAGE]
        ]
        more = start + PAGE < len(self.entries)
        asked = urlsplit(path).query.split("&page_offset")[0]
        address = f"{self.url}/v1/structures?{asked}&page_offset={start + PAGE}"
        meta = {
            "query": {"representation": path},
            "api_version": "1.1.0",
            "more_data_available": more,
            "data_returned": len(self.entries),
            "data_available": 1000,
        }
        # The standard allows a link to be an object as well as text.
        link = {"href": address} if start else address
        return 200, {"data": page, "meta": meta, "links": {"next": link if more else None}}, {}


@pytest.fixture
def database():
    served = Database()
    yield served
    served.server.shutdown()
    served.server.server_close()


FILTER = 'elements HAS "O" OR nelements=2'


def error(status, detail):
    return status, {"errors": [{"status": str(status), "title": "Error", "detail": detail}], "meta": {}}, {}


def test_all_pages_are_kept_and_read_again_without_network(database, tmp_path):
    found = fetch_optimade(database.url, FILTER, fields=["_x_band_gap"], data_home=tmp_path, delay=0)
    assert len(database.asked) == 3
    assert found.frame["id"].tolist() == [f"x-{k}" for k in range(11)]
    np.testing.assert_array_equal(found.target, [np.nan if k == 3 else k / 2 for k in range(11)])
    for crystal, expected in zip(found.data, CRYSTALS, strict=True):
        np.testing.assert_allclose(crystal.lattice, expected.lattice)
        assert crystal.formula == expected.formula
    database.server.shutdown()
    X, y = fetch_optimade(
        database.url,
        FILTER,
        fields="_x_band_gap",
        data_home=tmp_path,
        download_if_missing=False,
        return_X_y=True,
    )
    assert len(database.asked) == 3
    assert X.keys() == found.data.keys()
    np.testing.assert_array_equal(y, found.target)
    assert "127.0.0.1" in found.DESCR
    featurize_dataset(found.filename, tmp_path / "out", descriptors="composition")
    import pandas as pd

    rows = pd.read_parquet(tmp_path / "out").drop(columns="id")
    np.testing.assert_array_equal(rows, CrystalFeaturizer("composition").fit_transform(X))


def test_entries_that_are_no_crystals_are_named(database, tmp_path):
    database.entries[2]["attributes"]["dimension_types"] = [1, 1, 0]
    database.entries[5]["attributes"]["lattice_vectors"] = None
    database.entries[7]["attributes"]["species"][0]["chemical_symbols"] = ["X"]
    found = fetch_optimade(database.url, FILTER, fields=["_x_kind"], data_home=tmp_path)
    assert list(found.failures) == ["x-2", "x-5", "x-7"]
    assert len(found.data) == len(found.target) == 8
    assert set(found.target) == {"metal"}


def test_what_may_pass_is_asked_again(database, tmp_path):
    database.ill = [error(503, "busy"), (429, b"slowly", {"Retry-After": "0"}), error(500, "oh")]
    found = fetch_optimade(database.url, FILTER, data_home=tmp_path, delay=0)
    assert len(found.data) == 11
    assert found.target is None
    assert len(database.asked) == 6


@pytest.mark.parametrize(
    ("ill", "said", "n_asked"),
    [
        ([(429, b"slowly", {})] * 9, "429 .* after 3 tries", 3),
        ([error(503, "busy")] * 9, "503 .* after 3 tries", 3),
        ([error(400, "no such property")], "no such property", 1),
        ([(200, b"<html>", {})], "answers with an error", 1),
    ],
)
def test_errors_are_one_sentence_and_nothing_is_kept(database, tmp_path, ill, said, n_asked):
    database.ill = list(ill)
    with pytest.raises(OSError, match=said):
        fetch_optimade(database.url, FILTER, data_home=tmp_path, n_retries=2, delay=0)
    assert len(database.asked) == n_asked
    assert list(tmp_path.iterdir()) == []


def test_mistakes_are_said_before_anything_is_asked(database, tmp_path):
    with pytest.raises(ValueError, match="none of OPTIMADE's"):
        fetch_optimade(database.url, 'elements HAS HAS "O"', data_home=tmp_path)
    with pytest.raises(FileNotFoundError, match="download_if_missing=True"):
        fetch_optimade(database.url, FILTER, data_home=tmp_path, download_if_missing=False)
    assert database.asked == []
    database.entries = []
    with pytest.raises(ValueError, match="holds nothing of"):
        fetch_optimade(database.url, FILTER, data_home=tmp_path)
    with pytest.raises(OSError, match="after 1 tries"):
        fetch_optimade("http://127.0.0.1:9", FILTER, data_home=tmp_path, n_retries=0)


def test_no_more_than_asked_for(database, tmp_path):
    found = fetch_optimade(database.url, FILTER, max_results=5, data_home=tmp_path)
    assert len(found.data) == 5
    assert len(database.asked) == 2
