drop index users_role;
drop index users_name;
drop index users_created_at;
