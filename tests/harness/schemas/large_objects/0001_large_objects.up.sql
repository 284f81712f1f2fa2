-- Large objects: a short one, one of several pages with a hole, an empty one, and one that a row refers to.

create table documents (id int generated always as identity primary key, title text not null, content oid);
select lo_from_bytea(4711, 'the first');
select lo_from_bytea(4712, decode(repeat('ab', 5000), 'hex'));
select lo_put(4712, 20000, 'far behind');
select lo_create(4713);
select lo_from_bytea(4714, 'of a row');
insert into documents (title, content) values ('of the migrations', 4714), ('without content', null);
comment on large object 4711 is 'as it was';
grant select on large object 4711 to public;

create function contents() returns table (name text, content text) language sql as $$
    select oid::text,
           concat_ws(' ', 'length', length(lo_get(oid)), md5(lo_get(oid)), obj_description(oid, 'pg_largeobject'),
                     lomowner = (select datdba from pg_database where datname = current_database()),
                     (select string_agg(privilege_type, ',') from aclexplode(lomacl) where grantee = 0))
      from pg_largeobject_metadata where oid between 4000 and 5000
    union all
    select 'all', count(*)::text from pg_largeobject_metadata
    union all
    select 'documents', string_agg(concat_ws(' ', d.id, title, d.content), ', ' order by d.id) from documents d
     order by 1
$$;
