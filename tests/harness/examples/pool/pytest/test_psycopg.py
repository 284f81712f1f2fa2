import psycopg
import pytest


@pytest.mark.parametrize("number", range(25))
def test_ids_start_after_the_reference_rows(database, number):
    with psycopg.connect(database.url) as connection:
        inserted = connection.execute(
            "insert into books (title) values ('Emma') returning id"
        ).fetchone()
        assert inserted == (2,)


@pytest.mark.parametrize("number", range(25))
def test_a_deleted_reference_row_is_back(database, number):
    with psycopg.connect(database.url) as connection:
        assert connection.execute("select title from books").fetchall() == [("Faust",)]
        connection.execute("delete from books")


def test_a_transaction_that_stays_open_is_ended(database):
    connection = psycopg.connect(database.url)
    connection.execute("insert into books (title) values ('Emma')")
    answer = database.reset()
    assert answer["notices"]
    with psycopg.connect(database.url) as other:
        assert other.execute("select count(*) from books").fetchone() == (1,)
