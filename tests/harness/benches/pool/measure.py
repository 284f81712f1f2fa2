"""1000 tests from 4 processes, each on a clean database, in four ways on one server: runs under `bdd pool 4`.

A test connects and inserts 10 rows into each of 3 tables. Leaves out what is done once: the template, the slots.
"""

import multiprocessing
import os
import sys
import time

import psycopg

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../examples/pool/pytest"))
import pool

PROCESSES = 4
TESTS = int(os.environ.get("POOL_TESTS", "1000"))
TABLES = [f"table_{number}" for number in range(30)]


def connect(url, name):
    head, _, query = url.partition("?")
    return psycopg.connect(f"{head.rsplit('/', 1)[0]}/{name}?{query}", autocommit=True)


def test(connection):
    with connection.transaction():
        for table in TABLES[:3]:
            connection.execute(f"insert into {table} (text) select 'x' from generate_series(1, 10)")


def leased(url, worker, count):
    """A lease for each test, which is given back after it."""
    for _ in range(count):
        database = pool.Database()
        with psycopg.connect(database.url) as connection:
            test(connection)
        database.release()


def kept(url, worker, count):
    """A lease for each process, a reset after each test."""
    database = pool.Database()
    with psycopg.connect(database.url, autocommit=True) as connection:
        for _ in range(count):
            test(connection)
            database.reset()
    database.release()


def cloned(url, worker, count):
    """Like IntegreSQL: a database from a template for each test, which is dropped after it."""
    with connect(url, "postgres") as admin:
        for number in range(count):
            name = f"clone_{worker}_{number}"
            admin.execute(f"create database {name} template measured")
            with connect(url, name) as connection:
                test(connection)
            admin.execute(f"drop database {name} with (force)")


def recreated(url, worker, count):
    """Like pytest-postgresql: one database for each process, dropped and created from a template for each test."""
    name = f"process_{worker}"
    for _ in range(count):
        with connect(url, "postgres") as admin:
            admin.execute(f"create database {name} template measured")
        with connect(url, name) as connection:
            test(connection)
        with connect(url, "postgres") as admin:
            admin.execute(f"update pg_database set datallowconn = false where datname = '{name}'")
            admin.execute(
                f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            )
            admin.execute(f"drop database {name}")


def truncated(url, worker, count):
    """A database for each process; all its tables are truncated after each test."""
    name = f"truncated_{worker}"
    with connect(url, "postgres") as admin:
        admin.execute(f"create database {name} template measured")
    with connect(url, name) as connection:
        for _ in range(count):
            test(connection)
            connection.execute(f"truncate {', '.join(TABLES)} restart identity cascade")


def main():
    database = pool.Database()
    url = database.owner_url
    database.release()
    with connect(url, "postgres") as admin:
        admin.execute("create database measured")
    with connect(url, "measured") as connection:
        with open(os.path.join(os.path.dirname(__file__), "schema.sql")) as schema:
            connection.execute(schema.read())
    print(f"{TESTS} tests from {PROCESSES} processes, {len(TABLES)} tables, 3 of them written to:")
    for way in (leased, kept, truncated, cloned, recreated):
        count = TESTS // PROCESSES
        workers = [
            multiprocessing.Process(target=way, args=(url, worker, count))
            for worker in range(PROCESSES)
        ]
        began = time.monotonic()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
            if worker.exitcode:
                sys.exit(f"{way.__name__} failed")
        took = time.monotonic() - began
        print(f"{took / TESTS * 1000:8.1f} ms a test   {way.__name__}: {way.__doc__}", flush=True)


if __name__ == "__main__":
    main()
