"""Before each scenario of behave: TRUNCATE of all tables, and the reference rows again."""

import os

import httpx
import psycopg

REFERENCE = ("genres", "branches")
TABLES = ("authors", "books", "book_authors", "members", "loans", "fines", "audit.events")


def before_all(context):
    context.client = httpx.Client(base_url=os.environ["SERVICE_URL"])
    context.database = psycopg.connect(os.environ["OWNER_URL"], autocommit=True)
    context.reference = {
        table: context.database.execute(f"select * from {table}").fetchall() for table in REFERENCE
    }


def before_scenario(context, scenario):
    context.saved = {}
    with context.database.transaction():
        tables = ", ".join(REFERENCE + TABLES)
        context.database.execute(f"truncate {tables} restart identity cascade")
        for table, rows in context.reference.items():
            with context.database.cursor() as cursor:
                cursor.executemany(f"insert into {table} values (%s, %s)", rows)


def after_all(context):
    context.client.close()
    context.database.close()
