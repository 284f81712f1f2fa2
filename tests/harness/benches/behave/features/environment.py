"""Before each scenario of behave: TRUNCATE of all tables, and the reference rows again."""

import os

import httpx
import psycopg

TABLES = """
select format('%I.%I', schemaname, tablename) from pg_tables
where schemaname not in ('pg_catalog', 'information_schema')
"""


def before_all(context):
    context.client = httpx.Client(base_url=os.environ["SERVICE_URL"])
    context.database = psycopg.connect(os.environ["OWNER_URL"], autocommit=True)
    context.tables = [table for (table,) in context.database.execute(TABLES)]
    context.reference = {}
    for table in context.tables:
        rows = context.database.execute(f"select row::text from {table} row").fetchall()
        if rows:
            context.reference[table] = rows


def before_scenario(context, scenario):
    context.saved, context.headers = {}, {}
    with context.database.transaction():
        context.database.execute(f"truncate {', '.join(context.tables)} restart identity cascade")
        for table, rows in context.reference.items():
            with context.database.cursor() as cursor:
                cursor.executemany(f"insert into {table} overriding system value select (%s::{table}).*", rows)


def after_all(context):
    context.client.close()
    context.database.close()
