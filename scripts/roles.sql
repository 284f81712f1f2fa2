-- Allows a role to read and write the service's rows, and nothing else. Run it as the role that migrates, after
-- migrating:
--   psql "$DATABASE_MIGRATION_URL" -v role=dance_service -f scripts/roles.sql
-- The role must exist. The default privileges below cover tables of later migrations. The behaviour suite uses this
-- file for the role of its services.
\set ON_ERROR_STOP on
select current_schema() as schema \gset
begin;
-- In databases that were created before PostgreSQL 15, every role may create tables.
revoke create on schema :"schema" from public;
grant usage on schema :"schema" to :"role";
grant select, insert, update, delete on all tables in schema :"schema" to :"role";
grant usage, select on all sequences in schema :"schema" to :"role";
-- The role may only read the record of migrations.
revoke insert, update, delete on _sqlx_migrations from :"role";
alter default privileges in schema :"schema" grant select, insert, update, delete on tables to :"role";
alter default privileges in schema :"schema" grant usage, select on sequences to :"role";
commit;
