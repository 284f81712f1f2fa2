"""Books, loans, and a record of them.

Revision ID: 0001
"""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("create type condition as enum ('new', 'used', 'worn')")
    op.execute("create schema audit")
    op.execute(
        """
        create table books (
            id        bigint generated always as identity primary key,
            title     text not null unique,
            condition condition not null default 'new'
        )
        """
    )
    op.execute(
        """
        create table loans (
            book   bigint primary key references books,
            member text not null,
            due    date not null default current_date + 14
        )
        """
    )
    op.execute("create table audit.loans (book bigint not null, member text not null)")
    op.execute(
        """
        create function audit.record() returns trigger language plpgsql as $$
        begin
            insert into audit.loans values (new.book, new.member);
            return new;
        end
        $$
        """
    )
    op.execute("create trigger record after insert on loans for each row execute function audit.record()")


def downgrade():
    op.execute("drop table loans, books")
    op.execute("drop schema audit cascade")
    op.execute("drop type condition")
