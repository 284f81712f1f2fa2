"""The same scenarios in turn by bdd and by behave, on one server. Runs under `bdd pool 1`, which starts the server.

Usage: measure.py BDD [ROUNDS [SCENARIOS]]
"""

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import psycopg

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../examples/pool/pytest"))
import pool

BIN = os.path.dirname(sys.executable)
DATABASE = "behave_bench"
BEHAVE = "behave, TRUNCATE"


def features(folder, scenarios):
    """Writes the features with their examples."""
    shutil.copytree(os.path.join(HERE, "features"), os.path.join(folder, "features"))
    with open(os.path.join(HERE, "library.feature")) as file:
        outlines = file.read()
    count = scenarios // outlines.count("Examples:")
    rows = "".join(f"      | {number} |\n" for number in range(count))
    with open(os.path.join(folder, "features", "library.feature"), "w") as file:
        file.write(outlines.replace("      | number |\n", "      | number |\n" + rows))
    return count * outlines.count("Examples:")


def at(owner, database):
    """The URL of another database of the same server."""
    server, _, parameters = owner.partition("?")
    return f"{server.rsplit('/', 1)[0]}/{database}?{parameters}"


def by_bdd(bdd, folder, owner, *arguments):
    """The whole run: the template, the slots with their services, the scenarios. Returns the time of the scenarios."""
    command = [bdd, "--config", os.path.join(folder, "bdd.toml"), "--database", at(owner, "postgres"), *arguments]
    check(subprocess.run(command, cwd=folder, capture_output=True, text=True))
    times = []
    with open(os.path.join(folder, "target/bdd/messages.ndjson")) as messages:
        for message in map(json.loads, messages):
            # The first scenario begins with the start of its slot, its first step does not.
            for kind in ("testStepStarted", "testCaseFinished"):
                if kind in message:
                    time = message[kind]["timestamp"]
                    times.append(time["seconds"] + time["nanos"] / 1e9)
    return max(times) - min(times)


def check(run):
    if run.returncode:
        sys.exit(f"{run.args[0]} failed:\n{run.stdout}{run.stderr}")


def by_behave(folder, owner, port):
    """The whole run: a new database with the schema, one service, the scenarios. Returns the time of the scenarios."""
    with psycopg.connect(at(owner, "postgres"), autocommit=True) as server:
        server.execute(f"drop database if exists {DATABASE} with (force)")
        server.execute(f"create database {DATABASE}")
    with psycopg.connect(at(owner, DATABASE), autocommit=True) as database:
        with open(os.path.join(folder, "schema.sql")) as schema:
            database.execute(schema.read())
    environment = os.environ | {
        "DATABASE_URL": at(owner, DATABASE),
        "OWNER_URL": at(owner, DATABASE),
        "SERVICE_URL": f"http://127.0.0.1:{port}",
    }
    service = subprocess.Popen(
        [os.path.join(BIN, "uvicorn"), "library:app", "--port", str(port), "--log-level", "warning"],
        cwd=folder,
        env=environment,
    )
    try:
        until_ready(environment["SERVICE_URL"])
        command = [os.path.join(BIN, "behave"), "--format", "progress"]
        run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        check(run)
        minutes, seconds = re.search(r"Took (\d+)min ([\d.]+)s", run.stdout).groups()
        return int(minutes) * 60 + float(seconds)
    finally:
        service.terminate()
        service.wait()


def until_ready(service):
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{service}/healthz").close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def main():
    bdd = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    scenarios = int(sys.argv[3]) if len(sys.argv) > 3 else 220
    # The pool has leased a database for this URL: its server is the one of both.
    database = pool.Database()
    owner = database.owner_url
    database.release()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("bdd.toml", "library.py", "schema.sql"):
            shutil.copy(os.path.join(HERE, name), folder)
        count = features(folder, scenarios)
        ways = {
            BEHAVE: lambda: by_behave(folder, owner, free_port()),
            "bdd --slots 1": lambda: by_bdd(bdd, folder, owner, "--slots", "1"),
            "bdd": lambda: by_bdd(bdd, folder, owner),
        }
        whole, alone = {way: [] for way in ways}, {way: [] for way in ways}
        for _ in range(rounds):
            for way, run in ways.items():
                began = time.monotonic()
                alone[way].append(run())
                whole[way].append(time.monotonic() - began)
        print(f"{count} scenarios, median of {rounds} rounds in s:\n")
        print("| | the whole run | ratio | the scenarios alone | ratio |\n|---|---|---|---|---|")
        for way in ways:
            cells = []
            for times in (whole, alone):
                median = statistics.median(times[way])
                cells += [f"{median:.2f}", f"{statistics.median(times[BEHAVE]) / median:.1f}"]
            print(f"| {way} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
