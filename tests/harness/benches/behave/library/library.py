"""The service of the benchmark: books, members and loans, by FastAPI and psycopg."""

import os

import psycopg
from fastapi import FastAPI, HTTPException
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from pydantic import BaseModel

pool = ConnectionPool(
    os.environ["DATABASE_URL"], min_size=1, max_size=4, open=True, kwargs={"row_factory": dict_row}
)
app = FastAPI()


class NewBook(BaseModel):
    title: str
    genre: str


class NewLoan(BaseModel):
    book: int
    member: int


def one(statement, *values):
    try:
        with pool.connection() as connection:
            return connection.execute(statement, values).fetchone()
    except psycopg.errors.IntegrityError as error:
        raise HTTPException(409, error.diag.constraint_name) from None


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


@app.post("/books", status_code=201)
def add(book: NewBook):
    return one("insert into books (title, genre) values (%s, %s) returning id, title, genre", book.title, book.genre)


@app.get("/books/{number}")
def read(number: int):
    found = one("select id, title, genre from books where id = %s", number)
    if found is None:
        raise HTTPException(404, "no such book")
    return found


@app.post("/loans", status_code=201)
def lend(loan: NewLoan):
    return one("insert into loans (book, member) values (%s, %s) returning book, member", loan.book, loan.member)
