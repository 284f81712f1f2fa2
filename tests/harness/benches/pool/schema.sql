-- 30 tables, each referring to the one before.

create table table_0 (
    id   bigint generated always as identity primary key,
    text text not null
);

create table table_1 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_0 (id)
);

create table table_2 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_1 (id)
);

create table table_3 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_2 (id)
);

create table table_4 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_3 (id)
);

create table table_5 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_4 (id)
);

create table table_6 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_5 (id)
);

create table table_7 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_6 (id)
);

create table table_8 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_7 (id)
);

create table table_9 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_8 (id)
);

create table table_10 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_9 (id)
);

create table table_11 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_10 (id)
);

create table table_12 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_11 (id)
);

create table table_13 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_12 (id)
);

create table table_14 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_13 (id)
);

create table table_15 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_14 (id)
);

create table table_16 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_15 (id)
);

create table table_17 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_16 (id)
);

create table table_18 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_17 (id)
);

create table table_19 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_18 (id)
);

create table table_20 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_19 (id)
);

create table table_21 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_20 (id)
);

create table table_22 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_21 (id)
);

create table table_23 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_22 (id)
);

create table table_24 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_23 (id)
);

create table table_25 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_24 (id)
);

create table table_26 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_25 (id)
);

create table table_27 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_26 (id)
);

create table table_28 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_27 (id)
);

create table table_29 (
    id   bigint generated always as identity primary key,
    text text not null,
    parent_id bigint references table_28 (id)
);
