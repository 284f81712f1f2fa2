/* A remark; /* in a remark; */ it goes on; */
create table "odd;name" (what text default E'it\'s; odd' not null, much numeric);
create rule odd as on update to "odd;name" do also (delete from readings; delete from towns where code = 'x;y');
create function polka() returns int language sql begin atomic
    select case when true then 1 else 2 end;
    select 3;
end;
create function waltz() returns text language plpgsql as $body$
begin
    return $$a; 'b$$;
end
$body$;
-- Statements that can't run in a transaction run alone.
create index concurrently on "odd;name" (what);
create temporary table towns (nothing int);
select 'no semicolon at the end'
