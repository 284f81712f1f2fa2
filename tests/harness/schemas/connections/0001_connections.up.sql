-- What a session keeps for itself, and how to see it.
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
