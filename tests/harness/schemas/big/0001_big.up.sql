-- Tables into which a scenario inserts so many rows that deleting them takes long.

create table visitors (id serial primary key, name text, country int);
create table visits   (id bigint generated always as identity primary key, visitor_id int not null references visitors on delete restrict, note text);
create table folders  (id int primary key, parent int references folders on delete restrict);
create table heap     (n int, text text);
create table countries (id int primary key, name text not null unique);
insert into countries select n, 'country ' || n from generate_series(1, 20) n;
alter table visitors add foreign key (country) references countries;
create table streets (id int primary key, name text not null, country_id int not null references countries);
insert into streets select n, 'street ' || n, n % 20 + 1 from generate_series(1, 5000) n;
create table visited (visitor_id int references visitors on delete restrict, street_id int references streets);
create index heap_n on heap (n);
