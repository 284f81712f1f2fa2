"""A small library: books are added and lent."""

import os

from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel, Field
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

engine = create_engine(os.environ["DATABASE_URL"])
app = FastAPI()
titles: dict[int, str] = {}


class NewBook(BaseModel):
    title: str = Field(min_length=1)


class NewLoan(BaseModel):
    member: str = Field(min_length=1)


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


@app.post("/books", status_code=201)
def add(book: NewBook):
    try:
        with engine.begin() as connection:
            insert = text("insert into books (title) values (:title) returning id")
            number = connection.execute(insert, {"title": book.title}).scalar_one()
    except IntegrityError:
        raise HTTPException(409, "there is a book of this title") from None
    titles[number] = book.title
    return {"id": number, "title": book.title}


@app.get("/books/{number}")
def read(number: int):
    if number not in titles:
        with engine.begin() as connection:
            select = text("select title from books where id = :number")
            title = connection.execute(select, {"number": number}).scalar_one_or_none()
        if title is None:
            raise HTTPException(404, "no such book")
        titles[number] = title
    return {"id": number, "title": titles[number]}


@app.post("/books/{number}/loans", status_code=201)
def lend(number: int, loan: NewLoan):
    try:
        with engine.begin() as connection:
            insert = text("insert into loans (book, member) values (:book, :member) returning due")
            values = {"book": number, "member": loan.member}
            due = connection.execute(insert, values).scalar_one()
    except IntegrityError:
        raise HTTPException(409, "the book is lent, or there is none") from None
    return {"book": number, "member": loan.member, "due": due.isoformat()}


if "LIBRARY_TEST" in os.environ:

    @app.post("/test/forget", status_code=204)
    def forget():
        titles.clear()
        return Response(status_code=204)
