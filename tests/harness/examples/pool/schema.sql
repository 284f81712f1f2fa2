create table books (
    id    bigint generated always as identity primary key,
    title text not null unique
);

create table loans (
    id      bigint generated always as identity primary key,
    book_id bigint not null references books (id),
    reader  text not null
);

-- Every test finds these reference rows.
insert into books (title) values ('Faust');
