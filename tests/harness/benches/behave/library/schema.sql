create schema audit;
create type condition as enum ('new', 'used', 'worn');

create table genres (code text primary key, name text not null);
create table branches (code text primary key, name text not null);

create table authors (
    id   bigint generated always as identity primary key,
    name text not null unique
);
create table books (
    id        bigint generated always as identity primary key,
    title     text not null unique,
    genre     text not null references genres,
    condition condition not null default 'new'
);
create table book_authors (
    book   bigint references books on delete cascade,
    author bigint references authors,
    primary key (book, author)
);
create table members (
    id     bigint generated always as identity primary key,
    name   text not null unique,
    branch text not null references branches
);
create table loans (
    id     bigint generated always as identity primary key,
    book   bigint not null unique references books,
    member bigint not null references members
);
create table fines (
    id   bigint generated always as identity primary key,
    loan bigint not null references loans,
    cent integer not null check (cent > 0)
);
create table audit.events (
    id    bigint generated always as identity primary key,
    event text not null
);

create function audit.record() returns trigger language plpgsql as $$
begin
    insert into audit.events (event) values (tg_op || ' ' || tg_table_name);
    return null;
end
$$;
create trigger record after insert or update or delete on loans
    for each row execute function audit.record();

create materialized view loans_by_branch as
select m.branch, count(*) as loans from loans l join members m on m.id = l.member group by m.branch;

insert into genres values ('dance', 'Dance'), ('music', 'Music'), ('art', 'Art'), ('novel', 'Novel'), ('poem', 'Poem');
insert into branches values ('north', 'North'), ('south', 'South');
