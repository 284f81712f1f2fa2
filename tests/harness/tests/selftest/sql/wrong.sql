insert into users (id, username) values ('1', 'ada');

-- The next statement begins in line 4, and is wrong in line 6.
insert into users (id, username)
     values ('2', 'grace'),
            ('1', no_such_function());
