"""A clean database for every test, from `bdd pool`: one slot for each worker, reset after each test."""

import pytest

import pool


@pytest.fixture(scope="session")
def slot():
    database = pool.Database()
    yield database
    database.release()


@pytest.fixture
def database(slot):
    yield slot
    slot.reset()
