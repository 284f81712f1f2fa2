alter table users drop column bootstrap_password_hash;
