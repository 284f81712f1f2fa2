"""The same scenarios in turn by bdd and by behave, on one server. Runs under `bdd pool 1`, which starts the server.

Usage: measure.py BDD FOLDER [ROUNDS [SCENARIOS]]

FOLDER has the service's bdd.toml, and a feature whose examples are written here.
"""

import glob
import json
import os
import re
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request

import psycopg

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../examples/pool/pytest"))
import pool

BIN = os.path.dirname(sys.executable)
DATABASE = "behave_bench"
BEHAVE = "behave, TRUNCATE"


def features(folder, source, scenarios):
    """Writes the features with their examples."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    shutil.copytree(os.path.join(HERE, "features"), os.path.join(folder, "features"), dirs_exist_ok=True)
    (path,) = glob.glob(os.path.join(folder, "*.feature"))
    with open(path) as file:
        outlines = file.read()
    count = scenarios // outlines.count("Examples:")
    rows = "".join(f"      | {number} |\n" for number in range(count))
    with open(os.path.join(folder, "features", os.path.basename(path)), "w") as file:
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
    with open(os.path.join(folder, "bdd.toml"), "rb") as file:
        project = tomllib.load(file)
    url = at(owner, DATABASE)

    def filled(text):
        return text.replace("{url}", url).replace("{port}", str(port))

    environment = os.environ | {name: filled(value) for name, value in project["service"]["env"].items()}

    with psycopg.connect(at(owner, "postgres"), autocommit=True) as server:
        server.execute(f"drop database if exists {DATABASE} with (force)")
        server.execute(f"create database {DATABASE}")
    schema, service = project["schema"], project["service"]
    if "sql" in schema:
        with psycopg.connect(url, autocommit=True) as database, open(os.path.join(folder, schema["sql"])) as file:
            database.execute(file.read())
    else:
        command = shlex.split(schema["run"])
        check(subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True))
    command = shlex.split(filled(service["run"]))
    process = subprocess.Popen(command, cwd=folder, env=environment)
    try:
        until_ready(f"http://127.0.0.1:{port}{service['ready']['get']}")
        command = [os.path.join(BIN, "behave"), "--format", "progress"]
        variables = os.environ | {"OWNER_URL": url, "SERVICE_URL": f"http://127.0.0.1:{port}"}
        run = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
        check(run)
        minutes, seconds = re.search(r"Took (\d+)min ([\d.]+)s", run.stdout).groups()
        return int(minutes) * 60 + float(seconds)
    finally:
        process.terminate()
        process.wait()


def until_ready(url):
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url).close()
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
    bdd, source = (os.path.abspath(argument) for argument in sys.argv[1:3])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    scenarios = int(sys.argv[4]) if len(sys.argv) > 4 else 220
    # The pool has leased a database for this URL: its server is the one of both.
    database = pool.Database()
    owner = database.owner_url
    database.release()
    with tempfile.TemporaryDirectory() as folder:
        count = features(folder, source, scenarios)
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
