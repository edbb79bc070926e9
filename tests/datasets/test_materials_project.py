"""The Materials Project: mp-api's own client against a server on loopback that answers as the service."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.parse

import numpy as np
import pytest

from skcrystal.datasets import _materials_project_service, fetch_materials_project
from skcrystal.formats.pymatgen_json import dict_from_crystal
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT

KEY = "0123456789abcdefghijABCDEFGHIJ42"

MATERIALS = {
    "mp-22862": (ROCK_SALT, 5.0),
    "mp-66": (DIAMOND, 4.1),
    "mp-22865": (CAESIUM_CHLORIDE, None),
}


class Service:
    """The heartbeat and the summary of the Materials Project, with faults to order."""

    def __init__(self):
        self.requests, self.faults, self.version = [], {}, "2025.09.25"
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, content = outer.answer(self.path, self.headers.get("x-api-key"))
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def answer(self, path, key):
        if path.endswith("/heartbeat"):
            return 200, {
                "status": "OK",
                "version": "0.86.3",
                "db_version": self.version,
                "access_controlled_batch_ids": [],
            }
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
        self.requests.append(query)
        if key != KEY:
            return 401, {"message": "Unauthorized"}
        if fault := self.faults.pop(len(self.requests), None):
            return fault, {"detail": "not now"}
        ids = query["material_ids"].split(",") if "material_ids" in query else list(MATERIALS)
        if query.get("formula") == "XeF9":
            ids = []
        skip, limit = int(query.get("_skip", 0)), int(query.get("_limit", 100))
        wanted = query["_fields"].split(",")
        documents = [self.document(name, wanted) for name in ids]
        return 200, {"data": documents[skip : skip + limit], "meta": {"total_doc": len(documents)}}

    @staticmethod
    def document(name, wanted):
        crystal, gap = MATERIALS[name]
        structure = dict_from_crystal(crystal)
        whole = {"material_id": name, "structure": structure, "band_gap": gap, "ordering": "NM"}
        return {field: whole[field] for field in wanted}


@pytest.fixture
def service(monkeypatch):
    pytest.importorskip("mp_api", reason="mp-api is optional: pip install 'skcrystal[materials-project]'")
    monkeypatch.delenv("MP_API_KEY", raising=False)
    monkeypatch.setattr("pymatgen.core.SETTINGS", {})
    service = Service()
    threading.Thread(target=service.server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield service
    service.server.shutdown()
    service.server.server_close()


def fetch(service, folder, **options):
    options = {"formula": "ABC3", "api_key": KEY, "delay": 0.001, **options}
    return fetch_materials_project(data_home=folder, endpoint=service.url, **options)


def test_crystals_and_targets_come_in_the_order_of_their_names(service, tmp_path):
    got = fetch(service, tmp_path)
    assert got.frame.id.tolist() == sorted(MATERIALS)
    assert [crystal.formula for crystal in got.data] == ["NaCl", "CsCl", "C"]
    np.testing.assert_array_equal(got.target, [5.0, np.nan, 4.1])
    assert got.database_version == "2025.09.25"
    assert got.query == {"fields": ["band_gap"], "filters": {"formula": "ABC3"}}
    assert service.requests[0]["formula"] == "ABC3"


def test_a_field_may_hold_text(service, tmp_path):
    got = fetch(service, tmp_path, fields=["ordering"])
    assert got.target.tolist() == ["NM"] * len(got.data)
    both = fetch(service, tmp_path, fields=["band_gap", "ordering"])
    assert both.target.shape == (len(got.data), 2)
    assert both.frame["band_gap"].dtype == float


def test_the_second_call_needs_neither_network_nor_key(service, tmp_path):
    first = fetch(service, tmp_path)
    asked = len(service.requests)
    second = fetch(service, tmp_path, api_key=None, download_if_missing=False)
    assert len(service.requests) == asked
    assert second.frame.equals(first.frame)
    assert second.date == first.date


@pytest.mark.parametrize(
    ("filters", "asked"),
    [
        ({"formula": "ABC3"}, {"formula": "ABC3"}),
        ({"formula": None, "band_gap": (1, None)}, {"band_gap_min": "1"}),
        ({"formula": None, "material_ids": ["mp-66"]}, {"material_ids": "mp-66"}),
    ],
)
def test_the_filters_arrive(service, tmp_path, filters, asked):
    fetch(service, tmp_path, **filters)
    assert asked.items() <= service.requests[0].items()


def test_the_key_is_taken_from_the_environment_and_from_the_settings(service, tmp_path, monkeypatch):
    monkeypatch.setattr("pymatgen.core.SETTINGS", {"PMG_MAPI_KEY": KEY})
    fetch(service, tmp_path / "settings", api_key=None)
    monkeypatch.setattr("pymatgen.core.SETTINGS", {})
    monkeypatch.setenv("MP_API_KEY", KEY)
    fetch(service, tmp_path / "environment", api_key=None)


def test_the_key_is_written_nowhere(service, tmp_path, capfd, caplog):
    got = fetch(service, tmp_path, verbose=True)
    service.faults = {len(service.requests) + 1: 422}
    with pytest.raises(ValueError, match="does not take") as error:
        fetch(service, tmp_path, formula="other")
    captured = capfd.readouterr()
    texts = [captured.out, captured.err, caplog.text, str(error.value), repr(error.value), repr(got)]
    assert not any(KEY in text for text in texts)
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_fault_is_waited_out(service, tmp_path, status):
    service.faults = {1: status, 3: status}
    assert len(fetch(service, tmp_path).data) == 3


def test_an_interrupted_download_goes_on_where_it_stopped(service, tmp_path, monkeypatch):
    monkeypatch.setattr(_materials_project_service, "BATCH", 1)
    service.faults = {3: 500}
    with pytest.raises(OSError, match="cannot be reached"):
        fetch(service, tmp_path, n_retries=0)
    asked = len(service.requests)
    assert len(fetch(service, tmp_path).data) == 3
    # The names and the first material are not asked for again.
    assert [query["material_ids"] for query in service.requests[asked:]] == ["mp-22865", "mp-66"]
    assert [path.suffix for path in tmp_path.iterdir()] == [".parquet"]


def test_a_new_version_of_the_database_starts_anew(service, tmp_path, monkeypatch):
    monkeypatch.setattr(_materials_project_service, "BATCH", 1)
    service.faults = {3: 500}
    with pytest.raises(OSError, match="cannot be reached"):
        fetch(service, tmp_path, n_retries=0)
    asked, service.version = len(service.requests), "2026.01.01"
    from mp_api.client import MPRester

    MPRester._get_heartbeat_info.cache_clear()  # as in a new process
    assert fetch(service, tmp_path).database_version == "2026.01.01"
    assert len(service.requests) - asked == 4


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"api_key": None}, "needs a key"),
        ({"api_key": "short"}, "has 32 characters, this one 5"),
        ({"api_key": "x" * 32}, "refuses this key"),
        ({"formula": "XeF9"}, "no material"),
        ({"fields": ["bandgap"]}, "no field 'bandgap'"),
        ({"colour": "red"}, "no filter 'colour'"),
        ({"fields": ["structure"]}, "holds neither number nor text"),
    ],
)
def test_a_mistake_gets_one_sentence(service, tmp_path, options, reason):
    with pytest.raises(ValueError, match=reason) as error:
        fetch(service, tmp_path, **options)
    assert "\n" not in str(error.value)


def test_without_network_there_is_one_sentence(service, tmp_path):
    service.server.shutdown()
    service.server.server_close()
    with pytest.raises(OSError, match="cannot be reached"):
        fetch(service, tmp_path, n_retries=1)


def test_nothing_is_downloaded_unless_allowed(tmp_path):
    with pytest.raises(FileNotFoundError, match="download_if_missing"):
        fetch_materials_project(formula="ABC3", data_home=tmp_path, download_if_missing=False)
    with pytest.raises(ValueError, match="at least one filter"):
        fetch_materials_project(data_home=tmp_path)
