import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]


@pytest.fixture(scope="session")
def engine(slot):
    engine = create_engine(slot.url.replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("number", range(25))
def test_a_book_is_kept(database, engine, number):
    with Session(engine) as session:
        session.add(Book(title="Emma"))
        session.commit()
        assert session.scalars(text("select title from books order by id")).all() == ["Faust", "Emma"]
