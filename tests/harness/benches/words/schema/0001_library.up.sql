create table genres (
    code text primary key,
    name text not null
);
insert into genres values ('essay', 'Essays'), ('novel', 'Novels'), ('poems', 'Poems');

create table authors (
    id   bigint generated always as identity primary key,
    name text not null unique,
    born date
);

create table books (
    id     bigint generated always as identity primary key,
    title  text not null,
    genre  text not null references genres,
    author bigint not null references authors,
    isbn   text unique,
    price  numeric(8, 2) not null default 9.90,
    added  timestamptz not null default now()
);
create index on books (author);

create table audit (
    id    bigint generated always as identity primary key,
    what  text not null,
    noted timestamptz not null default now()
);

create table loans (
    id      bigint generated always as identity primary key,
    book    bigint not null references books,
    reader  text not null check (char_length(reader) between 3 and 40),
    state   text not null check (state in ('out', 'back', 'lost')),
    days    smallint not null check (days > 0 and days <= 60),
    begins  date not null,
    ends    date not null,
    check (ends >= begins)
);

create function note_loan() returns trigger language plpgsql as $$
begin
    insert into audit (what) values ('loan of ' || new.book);
    return new;
end $$;
create trigger note_loan after insert on loans for each row execute function note_loan();
create function tidy_reader() returns trigger language plpgsql as $$
begin
    new.reader := trim(new.reader);
    return new;
end $$;
create trigger tidy_reader before insert on loans for each row execute function tidy_reader();
