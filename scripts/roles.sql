-- Lets a role read and write the service's rows, and do no more. Run as the role that migrates, after migrating:
--   psql "$DATABASE_MIGRATION_URL" -v role=dance_service -f scripts/roles.sql
-- The role must exist. The behaviour suite makes the role of its services with this very file. Tables of later migrations are granted by the default privileges below.
\set ON_ERROR_STOP on
select current_schema() as schema \gset
begin;
-- Databases that were made before PostgreSQL 15 let everybody create tables.
revoke create on schema :"schema" from public;
grant usage on schema :"schema" to :"role";
grant select, insert, update, delete on all tables in schema :"schema" to :"role";
grant usage on all sequences in schema :"schema" to :"role";
-- The record of migrations is for looking only.
revoke insert, update, delete on _sqlx_migrations from :"role";
alter default privileges in schema :"schema" grant select, insert, update, delete on tables to :"role";
alter default privileges in schema :"schema" grant usage on sequences to :"role";
commit;
