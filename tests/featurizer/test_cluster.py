"""Shards on a cluster of Dask: the bytes of one process, whoever is killed."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager

import joblib
import numpy as np
import pytest

from skcrystal import CrystalError, CrystalFeaturizer
from skcrystal.cli.main import main
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import Density
from skcrystal.featurizer import cluster as cluster_module
from skcrystal.formats import write
from skcrystal.shards import featurize_dataset, plan_dataset, status

distributed = pytest.importorskip("distributed", reason="Dask is brought by the extra cluster")
pytest.importorskip("pyarrow", reason="Parquet files need pyarrow, which the extra cluster brings")

# Dask and tornado warn of sockets and loops that a killed process leaves behind.
pytestmark = pytest.mark.filterwarnings("ignore")

CRYSTALS = load_experimental().data[:48]
OPTIONS = {"descriptors": "notebook", "rows": 4}


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def table(tmp_path):
    write(CRYSTALS, tmp_path / "in.parquet")
    return tmp_path / "in.parquet"


@pytest.fixture
def serial(table, tmp_path):
    featurize_dataset(table, tmp_path / "serial", **OPTIONS)
    return content(tmp_path / "serial")


@contextmanager
def local_workers(n_workers):
    """Workers of one thread in processes of their own, each with a nanny that starts it again."""
    import dask

    settings = {"distributed.scheduler.allowed-failures": 0, "distributed.admin.log-format": "%(message)s"}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=n_workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as local,
        distributed.Client(local) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def clusters():
    """The cluster that tests share, in a list."""
    with ExitStack() as stack:
        yield [stack, stack.enter_context(local_workers(4))]


@pytest.fixture
def workers(clusters):
    """Four workers, of another cluster where one was lost: a nanny forgets who is killed while he starts."""
    stack, client = clusters
    try:
        client.wait_for_workers(4, timeout=20)
    except TimeoutError:
        stack.pop_all().close()
        client = clusters[1] = stack.enter_context(local_workers(4))
    return client


class Slow(Density):
    """A density that takes its time, so that a process can be killed while it is at work."""

    def describe(self, crystals):
        time.sleep(0.05)
        return super().describe(crystals)


class Deadly(Density):
    """A density that kills the process that computes it, where there is hafnium."""

    def describe(self, crystals):
        if (crystals.atomic_numbers == 72).any():
            # Until its nanny knows that it has started, and starts it again.
            time.sleep(2)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().describe(crystals)


def test_bytes_are_those_of_one_process(table, serial, workers, tmp_path):
    done = featurize_dataset(table, tmp_path / "out", workers, **OPTIONS)
    assert content(tmp_path / "out") == serial
    assert (done.n_rows, done.n_kept) == (48, 0)
    again = featurize_dataset(table, tmp_path / "out", workers, **OPTIONS)
    assert (again.n_rows, again.n_kept) == (48, 48)
    featurize_dataset(table, tmp_path / "one.parquet", **OPTIONS)
    featurize_dataset(table, tmp_path / "other.parquet", workers, **OPTIONS)
    assert (tmp_path / "other.parquet").read_bytes() == (tmp_path / "one.parquet").read_bytes()


def test_the_command_takes_a_scheduler(table, serial, workers, tmp_path, capsys):
    call = ["featurize", str(table), "-o", f"{tmp_path}/out", "--preset", "notebook", "--rows", "4", "-q"]
    assert main([*call, "--scheduler", workers.scheduler.address]) == 0
    assert content(tmp_path / "out") == serial
    assert "48 rows of 327 columns" in capsys.readouterr().out


def test_killed_workers_lose_nothing_and_double_nothing(table, workers, tmp_path):
    options = {"descriptors": [("slow", Slow())], "rows": 2}
    featurize_dataset(table, tmp_path / "serial", **options)
    stop = threading.Event()
    kills = []

    def kill():
        chosen = random.Random(0)
        finished = 0
        while not stop.wait(0.01):
            now = len(list((tmp_path / "out").glob("shard-*")))
            if now < finished + 4:
                continue
            # By the numbers of the processes that the nannies look after, those that have started.
            nannies = [nanny for nanny in workers.cluster.workers.values() if nanny.status.name == "running"]
            pids = [nanny.pid for nanny in nannies if nanny.pid]
            if pids:
                kills.append(chosen.choice(pids))
                os.kill(kills[-1], signal.SIGKILL)
                finished = now

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        # Where failures are forbidden, Dask gives up a shard whose worker was killed once.
        done = featurize_dataset(table, tmp_path / "out", workers, **options)
    finally:
        stop.set()
        killer.join()
    assert len(kills) >= 3
    assert done.n_rows == 48
    assert content(tmp_path / "out") == content(tmp_path / "serial")


def test_what_kills_its_worker_again_and_again_is_listed_and_all_else_is_computed(
    table, workers, tmp_path, monkeypatch
):
    monkeypatch.setattr(cluster_module, "ATTEMPTS", 3)
    hafnium = {k // 4 for k, crystal in enumerate(CRYSTALS) if (crystal.atomic_numbers == 72).any()}
    assert len(hafnium) == 2
    with pytest.raises(CrystalError, match="shards were given up") as caught:
        featurize_dataset(table, tmp_path / "out", workers, descriptors=[("d", Deadly())], rows=4)
    assert f"{len(hafnium)} shards" in str(caught.value)
    assert ": " + ", ".join(map(str, sorted(hafnium))) + ";" in str(caught.value)
    assert status(tmp_path / "out").missing == sorted(hafnium)


def test_a_mistake_is_said_as_by_one_process(table, workers, tmp_path):
    plan_dataset(table, tmp_path / "out", **OPTIONS)
    (tmp_path / "in.parquet").touch()
    with pytest.raises(CrystalError, match="the input changed"):
        featurize_dataset(table, tmp_path / "out", workers, **OPTIONS)
    (tmp_path / "t.csv").write_text("id,cif\na,nothing\n")
    with pytest.raises(CrystalError, match="row a: "):
        featurize_dataset(tmp_path / "t.csv", tmp_path / "other", workers, on_error="raise", **OPTIONS)


def test_who_waits_for_workers_is_told(table, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "ROLL_CALL", 0.2)
    with local_workers(0) as client:
        later = threading.Timer(1.0, client.cluster.scale, (1,))
        later.start()
        with pytest.warns(UserWarning, match="has no workers; shards wait until some come"):
            done = featurize_dataset(table, tmp_path / "out", client, **OPTIONS)
        later.join()
    assert done.n_rows == 48


def started(command, line, log):
    """Start a process, and wait until it says a line."""
    with log.open("w") as file:
        process = subprocess.Popen([sys.executable, "-m", *command], stderr=file, stdout=file)
    while line not in log.read_text():
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    return process


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a_scheduler_that_was_killed_and_started_again_goes_on(table, tmp_path):
    options = {"descriptors": [("slow", Slow())], "rows": 1}
    featurize_dataset(table, tmp_path / "serial", **options)

    def with_cluster(act):
        port = free_port()
        address = f"tcp://127.0.0.1:{port}"
        processes = [
            started(
                [
                    "distributed.cli.dask_scheduler",
                    "--port",
                    str(port),
                    "--no-dashboard",
                    "--host",
                    "127.0.0.1",
                ],
                "Scheduler at",
                tmp_path / f"scheduler-{port}.log",
            )
        ]
        try:
            processes.append(
                started(
                    ["distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"],
                    "Registered to",
                    tmp_path / f"worker-{port}.log",
                )
            )
            with distributed.Client(address) as client:
                act(client, processes[0])
        finally:
            for process in processes:
                process.kill()
                process.wait()

    def until_killed(client, scheduler):
        def kill():
            while len(list((tmp_path / "out").glob("shard-*"))) < 5:
                time.sleep(0.01)
            scheduler.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(ConnectionError, match="went away; finished shards are kept"):
            featurize_dataset(table, tmp_path / "out", client, **options)
        killer.join()

    with_cluster(until_killed)
    kept = len(list((tmp_path / "out").glob("shard-*")))
    assert 5 <= kept < 48

    def to_the_end(client, scheduler):
        done = featurize_dataset(table, tmp_path / "out", client, **options)
        assert done.n_kept == kept
        assert done.n_rows == 48

    with_cluster(to_the_end)
    assert content(tmp_path / "out") == content(tmp_path / "serial")


def test_the_featurizer_itself_runs_on_dask_through_joblib(workers):
    featurizer = CrystalFeaturizer("notebook", n_jobs=-1, chunk_size=8)
    expected = CrystalFeaturizer("notebook").fit_transform(CRYSTALS)
    with joblib.parallel_config(backend="dask"):
        np.testing.assert_array_equal(featurizer.fit_transform(CRYSTALS), expected)
