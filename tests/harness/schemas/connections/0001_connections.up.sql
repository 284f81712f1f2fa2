-- The kinds of session state, and how to see them.
create table guests (id serial primary key, name text not null);
create sequence tickets cache 10;

create table after_seed (value double precision not null);
select setseed(0.25);
insert into after_seed select random();

create function called_nextval() returns boolean language plpgsql as $$
begin
    perform lastval();
    return true;
exception
    when object_not_in_prerequisite_state then
        return false;
end $$;
