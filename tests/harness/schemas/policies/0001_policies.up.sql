-- Rows that policies hide, also from the tables' owner.

-- Nobody sees these rows, and everybody may insert some.
create table hidden (id int primary key, name text);
insert into hidden values (1, 'one'), (2, 'two');
create policy nobody_sees on hidden for all    using (false);
create policy all_add     on hidden for insert with check (true);

-- Without a policy: nobody sees rows or may insert any.
create table closed (id int primary key, name text);
insert into closed values (1, 'one'), (2, 'two');

-- Each user sees the rows of the user that the session names.
create table letters (id int generated always as identity primary key, owner text not null, text text);
insert into letters (owner, text) values ('ada', 'dear'), ('grace', 'hello'), ('nobody', '');
create policy own_letters on letters
    using      (owner = current_setting('app.user', true))
    with check (owner = current_setting('app.user', true));

-- The same without a key and without initial rows. It fails in a session that names no user.
create table notes (owner text, text text);
create policy own_notes on notes using (owner = current_setting('app.user'));

-- All rows except locked ones are visible. Rows may be inserted, but not changed or deleted.
create table ledger (id int primary key, amount int, locked boolean not null default false);
insert into ledger values (1, 10, false), (2, 20, true), (3, 1000, false);
create policy all_see    on ledger for select using (true);
create policy all_add    on ledger for insert with check (true);
create policy not_locked on ledger as restrictive for all using (not locked) with check (amount < 100);

-- A policy that reads another table, which has its own policy.
create table members (name text primary key, admin boolean not null);
insert into members values ('ada', true), ('grace', false);
create table settings (name text primary key, value text);
insert into settings values ('colour', 'red'), ('size', null);
create policy admins on settings
    using (exists (select from members where name = current_setting('app.user', true) and admin));
create policy oneself on members using (name = current_setting('app.user', true));

-- A parent whose policy hides rows that its partitions would show, and the reverse.
create table events (id int, day date) partition by range (day);
create table events_old partition of events for values from (minvalue) to ('2026-01-01');
create table events_new partition of events for values from ('2026-01-01') to (maxvalue);
insert into events values (1, '2020-01-01'), (2, '2026-05-05');
create policy nobody_sees on events     for all    using (false);
create policy all_add     on events     for insert with check (true);
create policy nobody_sees on events_new for all    using (false);

-- A policy that doesn't apply to the owner.
create table loose (id int primary key, name text);
insert into loose values (1, 'one');
create policy nobody_sees on loose using (false);

do $$
declare
    bound text;
begin
    foreach bound in array array['hidden', 'closed', 'letters', 'notes', 'ledger', 'members', 'settings', 'events', 'events_new'] loop
        execute format('alter table %I enable row level security, force row level security', bound);
    end loop;
    alter table loose enable row level security;
end $$;

-- The rows of each table, whoever reads them: the policies are disabled, and this is rolled back at once.
create function contents() returns table (name text, content text) language plpgsql as $$
begin
    foreach name in array array['closed', 'events_new', 'events_old', 'hidden', 'ledger', 'letters', 'loose', 'members', 'notes', 'settings'] loop
        begin
            execute format('alter table %I no force row level security', name);
            execute format('select coalesce(string_agg(t::text, '' '' order by t::text collate "C"), ''none'') from %I t', name)
               into content;
            raise exception using errcode = 'UN000';
        exception when sqlstate 'UN000' then
            return next;
        end;
    end loop;
end $$;
