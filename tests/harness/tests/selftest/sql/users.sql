-- Two users of the guestbook; the second is named by the scenario.
insert into users (id, username, name) values ('1', 'ada', 'Ada; Lovelace');
insert into users (id, username) values ('2', '{{second}}');
