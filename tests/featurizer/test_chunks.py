"""Processes: they stop when told, leave nobody behind, and do not multiply inside each other."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time

import joblib
import numpy as np
import pytest
from joblib import Parallel, delayed, effective_n_jobs
from scipy.sparse import csr_array

import skcrystal.crystals.tables as tables_module
import skcrystal.inputs
from skcrystal import Crystal, CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import (
    AverageMinimumDistance,
    CoordinationStats,
    Density,
    DistanceStats,
    PairSpectrum,
    RadialSpectrum,
    SpaceGroupOneHot,
    SymmetryStats,
)
from skcrystal.featurizer.chunks import Blocks, _bounds, run_chunks
from skcrystal.formats import ReadWarning
from tests.prototypes import DIAMOND, ROCK_SALT, ROCK_SALT_CIF

ENDLESS = (
    "from skcrystal import CrystalFeaturizer\n"
    "from skcrystal.datasets import load_experimental\n"
    "crystals = list(load_experimental().data) * 1000\n"
    "CrystalFeaturizer(n_jobs=2, chunk_size=8, verbose=True).transform(crystals)\n"
)


def children_of(pid):
    """Process ids whose parent is `pid`, zombies left out."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    state, parent = file.read().rpartition(")")[2].split()[:2]
            except OSError:
                continue  # it ended between the two calls
            if int(parent) == pid and state != "Z":
                found.append(int(entry))
    return found


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc to see the processes")
def test_interrupt_stops_at_once_and_leaves_no_process():
    program = subprocess.Popen([sys.executable, "-c", ENDLESS], stderr=subprocess.PIPE)
    with program:
        assert program.stderr is not None
        bar = b""
        while b"/467000" not in bar or b"| 0/467000" in bar[-60:]:
            bar += os.read(program.stderr.fileno(), 4096)  # until the bar has moved
        workers = children_of(program.pid)
        assert len(workers) >= 2
        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=30) != 0
    deadline = time.monotonic() + 30
    while any(map(is_alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(is_alive, workers))


def transform_with_two_jobs(items):
    rows = CrystalFeaturizer(n_jobs=2, chunk_size=1).transform(items)
    return rows, len(children_of(os.getpid()))


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc to see the processes")
def test_processes_inside_processes_are_not_started():
    results = Parallel(n_jobs=2)(delayed(transform_with_two_jobs)([ROCK_SALT, DIAMOND]) for _ in range(2))
    expected = CrystalFeaturizer().transform([ROCK_SALT, DIAMOND])
    for rows, children in results:
        assert children == 0
        np.testing.assert_array_equal(rows, expected)


@pytest.mark.parametrize("n_workers", [1, 2, 5])
@pytest.mark.parametrize("chunk_size", [1, 7, 128])
@pytest.mark.parametrize("n_items", [0, 1, 15, 1000])
def test_chunks_hold_each_item_once_and_get_smaller(n_items, chunk_size, n_workers):
    bounds = list(_bounds(n_items, chunk_size, n_workers))
    assert [i for start, stop in bounds for i in range(start, stop)] == list(range(n_items))
    sizes = [stop - start for start, stop in bounds]
    assert all(0 < size <= chunk_size for size in sizes)
    assert sizes == sorted(sizes, reverse=True)
    if n_workers > 1 and n_items == 1000:
        # No worker is left with a large last chunk.
        assert sizes[-1] <= min(16, chunk_size)


def test_chunks_are_read_only_as_they_are_needed():
    taken = []

    class Items(list):
        def __getitem__(self, key):
            taken.append(key)
            return super().__getitem__(key)

    items = Items([ROCK_SALT] * 100)
    chunks = run_chunks([Density()], items, 10, None, None)
    next(chunks)
    assert len(taken) <= 3
    chunks.close()


def test_descriptors_share_reading_symmetry_and_neighbours(monkeypatch):
    calls: dict[str, int] = {}

    def count(module, name, size):
        function = getattr(module, name)

        def counted(*given):
            calls[name] = calls.get(name, 0) + size(given)
            return function(*given)

        monkeypatch.setattr(module, name, counted)

    count(skcrystal.inputs, "first_of_text", lambda given: 1)
    count(tables_module, "find_symmetry", lambda given: len(given[0]))
    count(tables_module, "primitive_sites", lambda given: len(given[0]))
    count(tables_module, "find_neighbors", lambda given: len(given[0]))
    steps = [
        ("group", SpaceGroupOneHot()),
        ("symmetry", SymmetryStats()),
        ("distance", DistanceStats()),
        ("nearest", AverageMinimumDistance()),
        ("radial", RadialSpectrum()),
        ("pairs", PairSpectrum(cutoff=8.0)),
        ("coordination", CoordinationStats()),
    ]
    CrystalFeaturizer(steps, chunk_size=4).fit_transform([ROCK_SALT_CIF] * 10)
    expected = dict.fromkeys(["first_of_text", "primitive_sites", "find_neighbors"], 10)
    # All crystals of a chunk are equal.
    assert calls == {**expected, "find_symmetry": 3}


def test_blocks_keep_their_places():
    blocks = Blocks(3)
    blocks.append(np.array([[1.0, 2.0]]))
    blocks.append(np.array([[3.0, 4.0], [5.0, 6.0]]))
    np.testing.assert_array_equal(blocks.join(), [[1, 2], [3, 4], [5, 6]])
    sparse = Blocks(2)
    sparse.append(csr_array(np.array([[1.0]])))
    sparse.append(csr_array(np.array([[0.0]])))
    np.testing.assert_array_equal(sparse.join().toarray(), [[1], [0]])


def test_all_built_in_crystals_have_finite_rows():
    rows = CrystalFeaturizer().fit_transform(load_experimental().data)
    assert np.isfinite(rows).all()


class FrozenObjects(Density):
    """What the process that describes a crystal keeps from its garbage collector."""

    def describe(self, crystals):
        return np.tile([float(os.getpid()), float(gc.get_freeze_count())], (len(crystals), 1))

    def get_feature_names_out(self, input_features=None):
        return np.array(["process", "frozen"], dtype=object)


@pytest.mark.skipif(effective_n_jobs(2) == 1, reason="joblib starts no processes here")
def test_workers_keep_garbage_collection_away_from_what_they_have_loaded():
    here = gc.get_freeze_count()
    rows = CrystalFeaturizer([("frozen", FrozenObjects())], n_jobs=2, chunk_size=1).transform([DIAMOND] * 8)
    processes = set(rows[:, 0])
    assert os.getpid() not in processes
    # After its first chunk at the latest, each worker has frozen all it needs.
    assert np.sum(rows[:, 1] > 10_000) >= len(rows) - len(processes) > 0
    assert gc.get_freeze_count() == here


INTERRUPTED = """
import signal
import numpy as np
from skcrystal import Crystal, CrystalFeaturizer
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell in the background takes away
rng = np.random.default_rng(0)
crystals = [Crystal.ordered(20 * np.eye(3), rng.random((400, 3)), [26] * 400)] * 20
featurizer = CrystalFeaturizer("notebook").set_params(space_group="drop")
featurizer.transform(crystals[:1])
print("ready", flush=True)
try:
    while True:
        featurizer.transform(crystals)
except BaseException as error:
    print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes of Windows send no SIGINT")
def test_ctrl_c_inside_a_kernel_stays_a_keyboard_interrupt():
    for delay in (0.1, 0.3):
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout.readline() == "ready\n"
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=60)[0] == "KeyboardInterrupt\n"


# Of joblib's backends one forks, which Python warns of from 3.12 on.
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_every_backend_of_joblib_gives_the_rows_of_one_process(backend):
    close = Crystal.ordered(4.2 * np.eye(3), [[0, 0, 0], [0.007, 0, 0]], [12, 8])
    items = [ROCK_SALT, DIAMOND] * 30 + [close]
    featurizer = CrystalFeaturizer([("density", Density()), ("distance", DistanceStats())])
    with pytest.warns(ReadWarning, match="1 of 61 crystals has notes: crystal 60: atoms closer") as warned:
        expected = featurizer.transform(items)
    assert len(warned) == 1
    with (
        joblib.parallel_config(backend, n_jobs=2),
        pytest.warns(ReadWarning, match="1 of 61 crystals has notes: crystal 60: atoms closer") as warned,
    ):
        np.testing.assert_array_equal(featurizer.transform(items), expected)
    assert [one.category for one in warned].count(ReadWarning) == 1
