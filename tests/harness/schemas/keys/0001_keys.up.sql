-- Tables with every kind of foreign key, most of them with rows of the migrations.

create schema abroad;

-- A chain of keys: one refers to a unique column that isn't the primary key, one to another schema.
create table countries (
    code char(2) primary key,
    iso3 char(3) not null unique,
    name text    not null
);
create table cities (
    id   int     primary key,
    iso3 char(3) not null references countries (iso3) on update cascade on delete restrict,
    name text    not null unique
);
create table abroad.embassies (
    id      int     primary key,
    country char(2) references countries (code) on update cascade on delete cascade,
    city_id int     references cities (id) on update restrict on delete no action
);
insert into countries        values ('de', 'DEU', 'Germany'), ('fr', 'FRA', 'France'), ('it', 'ITA', 'Italy');
insert into cities           values (1, 'DEU', 'Berlin'), (2, 'FRA', 'Paris'), (3, 'FRA', 'Lyon');
insert into abroad.embassies values (1, 'fr', 1), (2, 'de', 2), (3, null, null);

-- Rows that refer to each other from the start, by keys that aren't deferrable: neither can be inserted first.
create table hens (id int primary key, egg_id int not null unique);
create table eggs (id int primary key, hen_id int not null unique references hens (id) on delete restrict);
alter table hens add foreign key (egg_id) references eggs (id) on delete no action;
with hen as (insert into hens values (1, 10), (2, 20))
insert into eggs values (10, 2), (20, 1);

-- The same with deferrable keys, and an empty cycle of three tables.
create table teachers (id int primary key, class_id int not null);
create table classes  (id int primary key, teacher_id int not null references teachers (id) deferrable initially deferred);
alter table teachers add foreign key (class_id) references classes (id) on delete cascade deferrable initially immediate;
set constraints all deferred;
insert into teachers values (1, 1), (2, 1);
insert into classes  values (1, 2);
set constraints all immediate;
create table stone    (id int primary key, paper    int);
create table scissors (id int primary key, stone    int not null references stone (id) on delete restrict);
create table paper    (id int primary key, scissors int not null references scissors (id) on delete no action);
alter table stone add foreign key (paper) references paper (id) on delete restrict on update restrict;

-- Rows that refer to rows of the same table.
create table folders (
    id     int  primary key,
    name   text not null,
    parent int  references folders (id) on update restrict on delete restrict
);
create table bosses (
    name text primary key,
    boss text not null references bosses (name) on update cascade on delete cascade
);
create table links (
    id       int primary key,
    next     int not null unique references links (id),
    previous int not null references links (next) deferrable initially deferred
);
insert into folders values (1, 'root', null), (2, 'home', 1), (3, 'own', 3), (4, 'deep', 2);
insert into bosses  values ('Ada', 'Ada'), ('Grace', 'Ada'), ('Mary', 'Grace');
insert into links   values (1, 2, 2), (2, 3, 3), (3, 1, 1);

-- What happens to referring rows.
create table owners (id int primary key, name text);
create table pets (
    id       int  primary key,
    owner_id int  default 1 references owners (id) on update set null on delete set default,
    vet_id   int  references owners (id) on update cascade on delete set null,
    name     text
);
insert into owners values (1, 'shelter'), (2, 'Ada'), (3, 'Grace');
insert into pets   values (1, 2, 3, 'Rex'), (2, 3, 3, 'Minka'), (3, 1, null, 'Polly');

-- Keys of two columns: complete or null, and partly null.
create table orders (
    shop   int,
    number int,
    note   text,
    primary key (shop, number)
);
create table order_lines (
    shop   int,
    number int,
    line   int,
    before int,
    primary key (shop, number, line),
    foreign key (shop, number)         references orders match full on update cascade on delete cascade,
    foreign key (shop, number, before) references order_lines on delete set null (before)
);
create table refunds (
    id     int primary key,
    shop   int,
    number int,
    foreign key (shop, number) references orders match full on update no action deferrable initially deferred
);
insert into orders      values (1, 1, 'one'), (1, 2, 'two'), (2, 1, null);
insert into order_lines values (1, 1, 1, null), (1, 1, 2, 1), (1, 2, 1, 1);
insert into refunds     values (1, 1, 2), (2, null, null);

-- A key to an unlogged table, and one from a table of the migrations to a table that only scenarios fill.
create unlogged table visitors (id int generated always as identity primary key, country char(2) not null references countries);
create unlogged table visits   (id serial primary key, visitor_id int not null references visitors on delete restrict);
create table halls             (id int primary key, name text, last_ball int);
create table balls             (id serial primary key, hall_id int not null references halls on delete restrict);
alter table halls add foreign key (last_ball) references balls on delete restrict;
insert into halls values (1, 'main', null), (2, 'mirror', null);

-- The rows of each table.
create function contents() returns table (name text, content text) language plpgsql as $$
begin
    for name in
        select c.oid::regclass from pg_class c
         where relkind = 'r' and relnamespace in ('public'::regnamespace, 'abroad'::regnamespace) and relname <> '_sqlx_migrations'
         order by c.oid::regclass::text collate "C"
    loop
        execute format('select coalesce(string_agg(t::text, '' '' order by t::text collate "C"), ''none'') from %s t', name)
           into content;
        return next;
    end loop;
end $$;
