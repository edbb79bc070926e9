"""matbench tasks: downloads checked, kept and tried again; rows and folds as the benchmark has them."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from skcrystal import Crystals
from skcrystal.datasets import _matbench, fetch_matbench
from skcrystal.formats.pymatgen_json import dict_from_crystal
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT

SHARED = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).parents[3] / "shared")) / "data"
PHONONS = SHARED / "matbench_phonons.json.gz"

CRYSTALS = [ROCK_SALT, DIAMOND, CAESIUM_CHLORIDE] * 4
TARGETS = [10.0 * i for i in range(len(CRYSTALS))]


def table(targets=TARGETS, name="last phdos peak"):
    """The text of a task's file, as pandas writes it with ``orient="split"``."""
    rows = [[dict_from_crystal(c), y] for c, y in zip(CRYSTALS, targets, strict=True)]
    return json.dumps(
        {"index": list(range(len(rows))), "columns": ["structure", name], "data": rows}
    ).encode()


class Server:
    """A server on loopback that gives its answers in turn, the last one for ever."""

    def __init__(self, *answers):
        self.answers, self.paths = list(answers), []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.paths.append(self.path)
                status, body, length = outer.answers[min(len(outer.paths), len(outer.answers)) - 1]
                self.send_response(status)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()


def answer(body, status=200, length=None):
    return status, body, len(body) if length is None else length


@pytest.fixture
def packed(monkeypatch):
    """A small file in the place of the phonon task's, with its row count and checksum."""
    body = gzip.compress(table(), mtime=0)
    digest = hashlib.sha256(body).hexdigest()
    monkeypatch.setitem(
        _matbench.TASKS, "phonons", _matbench.Task("last phdos peak", "1/cm", len(CRYSTALS), digest)
    )
    return body


def aim(monkeypatch, server):
    monkeypatch.setattr(_matbench, "URL", server.url + "/projects/{name}.json.gz")


def test_a_task_is_downloaded_once_and_kept(monkeypatch, tmp_path, packed):
    with Server(answer(packed)) as server:
        aim(monkeypatch, server)
        first = fetch_matbench("matbench_phonons", data_home=tmp_path)
        second = fetch_matbench("phonons", data_home=tmp_path, download_if_missing=False)
    assert server.paths == ["/projects/matbench_phonons.json.gz"]
    assert [path.name for path in tmp_path.iterdir()] == ["matbench_phonons.json.gz"]
    assert isinstance(first.data, Crystals)
    assert [crystal.formula for crystal in first.data] == ["NaCl", "C", "CsCl"] * 4
    assert first.target.tolist() == second.target.tolist() == TARGETS
    assert (first.ids[0], first.ids[-1]) == ("mb-phonons-01", "mb-phonons-12")
    assert (first.target_names, first.unit) == (["last phdos peak"], "1/cm")


def test_the_data_folder_is_named_by_the_environment(monkeypatch, tmp_path, packed):
    monkeypatch.setenv("SKCRYSTAL_DATA", str(tmp_path / "data"))
    with Server(answer(packed)) as server:
        aim(monkeypatch, server)
        X, y = fetch_matbench("phonons", return_X_y=True)
    assert (tmp_path / "data" / "matbench_phonons.json.gz").exists()
    assert (X.shape, y.shape) == ((12,), (12,))


def test_a_download_that_breaks_off_is_tried_again(monkeypatch, tmp_path, packed):
    with Server(answer(b"busy", 503), answer(packed[:50], length=len(packed)), answer(packed)) as server:
        aim(monkeypatch, server)
        fetch_matbench("phonons", data_home=tmp_path, delay=0.001)
    assert len(server.paths) == 3


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (503, 3)])
def test_a_download_that_fails_is_explained_and_leaves_nothing(
    monkeypatch, tmp_path, packed, status, requests
):
    with Server(answer(b"no", status)) as server:
        aim(monkeypatch, server)
        with pytest.raises(OSError, match=f"cannot be downloaded .*{status}"):
            fetch_matbench("phonons", data_home=tmp_path, n_retries=2, delay=0.001)
    assert len(server.paths) == requests
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_another_checksum_is_not_kept(monkeypatch, tmp_path, packed):
    with Server(answer(packed + b" ")) as server:
        aim(monkeypatch, server)
        with pytest.raises(OSError, match="not the one that was published"):
            fetch_matbench("phonons", data_home=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_downloaded_unless_allowed(tmp_path):
    with pytest.raises(FileNotFoundError, match="download_if_missing"):
        fetch_matbench("jdft2d", data_home=tmp_path, download_if_missing=False)


@pytest.mark.parametrize("name", ["local.json", "local.json.gz"])
def test_a_local_file_needs_no_network(tmp_path, packed, name):
    content = table()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert fetch_matbench("phonons", filename=tmp_path / name).target.tolist() == TARGETS


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x1f\x8b broken", "damaged"),
        (b"[]", "no table of matbench"),
        (b'{"columns": ["structure", "y"], "data": [', "no table of matbench"),
        (b'{"columns": ["structure", "y"], "data": []}', "has 0 rows"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, packed, content, reason):
    (tmp_path / "local.json").write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        fetch_matbench("phonons", filename=tmp_path / "local.json")


def test_classes_are_stratified_over_the_folds(monkeypatch, tmp_path):
    monkeypatch.setitem(_matbench.TASKS, "mp_is_metal", _matbench.Task("is_metal", "", 12, ""))
    metals = [i < 5 for i in range(12)]
    (tmp_path / "local.json").write_bytes(table(metals, "is_metal"))
    task = fetch_matbench("mp_is_metal", filename=tmp_path / "local.json")
    assert task.target.dtype == bool
    assert [int(task.target[test].sum()) for _, test in task.folds] == [1] * 5


@pytest.mark.skipif(not PHONONS.exists(), reason="needs the published file, which is not in the package")
def test_the_published_file_gives_the_published_error_of_the_mean():
    task = fetch_matbench("phonons", filename=PHONONS)
    assert hashlib.sha256(PHONONS.read_bytes()).hexdigest() == _matbench.TASKS["phonons"].sha256
    errors = [np.abs(task.target[test] - task.target[train].mean()).mean() for train, test in task.folds]
    # The leaderboard's dummy model on the same folds.
    assert np.mean(errors) == pytest.approx(323.9822, abs=0.01)
