drop schema "Odd Schema" cascade;
drop materialized view counts;
drop table letters, initials, typed, watched, audit, undeletable, secrets, scratch, dogs, animals, events, b, a, words, countries cascade;
drop sequence lonely, never;
drop function note(), forbid();
drop domain few;
drop type mood;
