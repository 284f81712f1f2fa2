@postgres
Feature: Schemas in common formats
  A folder of migrations is recognised by its layout, and only up migrations run. What can't be parsed is refused with
  its place, before anything runs.

  Background:
    Given the project's file "features/books.feature":
      """
      Feature: Books
        Scenario: One is there
          Then the table "books" contains exactly the rows:
            | title |
            | Tango |
      """
    And the project's file "bdd.toml":
      """
      schema = { files = "migrations" }
      """

  Rule: The down migration is in another file, in another part of the file, or missing

    Scenario Outline: <tool>
      Given the project's file "migrations/<first>":
        """
        <before>
        create table books (title text);
        insert into books values ('Tango');
        <between>
        """
      And the project's file "migrations/<second>":
        """
        <before2>
        create index concurrently on books (title);
        <between>
        """
      When I run bdd with "--config {{project}}/bdd.toml --database {{server}} --slots 1 --prove-isolation"
      Then it exits with 0

      Examples:
        | tool            | first                         | before             | between                                       | second                       | before2                                   |
        | goose           | 00001_books.sql               | -- +goose Up       | -- +goose Down\ndrop table books;             | 00002_index.sql              | -- +goose NO TRANSACTION\n-- +goose Up    |
        | dbmate          | 20260101000000_books.sql      | -- migrate:up      | -- migrate:down\ndrop table books;            | 20260102000000_index.sql     | -- migrate:up transaction:false           |
        | sql-migrate     | 1_books.sql                   | -- +migrate Up     | -- +migrate Down\ndrop table books;           | 2_index.sql                  | -- +migrate Up notransaction              |
        | node-pg-migrate | 1_books.sql                   | -- Up Migration    | -- Down Migration\ndrop table books;          | 2_index.sql                  | -- Up Migration                           |
        | sqlx            | 1_books.sql                   | -- The books.      |                                               | 2_index.sql                  | -- no-transaction                         |
        | golang-migrate  | 1_books.up.sql                | -- The books.      |                                               | 2_index.up.sql               | -- By itself.                             |
        | Flyway          | V1.9__books.sql               | -- The books.      |                                               | sub/V1.10__index.sql         | -- By itself.                             |
        | Prisma          | 20260101_books/migration.sql  | -- The books.      |                                               | 20260102_index/migration.sql | -- By itself.                             |
        | Hasura          | default/1_books/up.sql        | -- The books.      |                                               | default/2_index/up.sql       | -- By itself.                             |

    Scenario: Hasura's migrations run by number
      Given the project's file "migrations/default/9_books/up.sql":
        """
        create table books (name text);
        """
      And the project's file "migrations/default/10_title/up.sql":
        """
        alter table books rename name to title;
        insert into books values ('Tango');
        """
      When I run bdd with "--config {{project}}/bdd.toml --database {{server}} --slots 1"
      Then it exits with 0

    Scenario: Flyway's undo migrations don't run, and repeatable ones come last
      Given the project's file "migrations/V1__books.sql":
        """
        create table books (title text);
        """
      And the project's file "migrations/U1__books.sql":
        """
        drop table books;
        """
      And the project's file "migrations/R__titles.sql":
        """
        insert into books select 'Tango' where exists (select from pg_tables where tablename = 'loans');
        """
      And the project's file "migrations/V1_1__loans.sql":
        """
        create table loans (book text);
        """
      When I run bdd with "--config {{project}}/bdd.toml --database {{server}} --slots 1"
      Then it exits with 0

  Rule: A dump can be used unchanged

    # Other scenarios would see the roles. Only a superuser may give a table to a role that may not create anything here.
    @serial @superuser
    Scenario: With extensions, with owners and rights of another server, and with rows
      Given the project's file "dump.toml":
        """
        schema = { sql = "dump.sql" }
        """
      And the project's file "dump.sql":
        """
        \restrict wT4u
        SET statement_timeout = 0;
        SET transaction_timeout = 0;
        SELECT pg_catalog.set_config('search_path', '', false);
        CREATE SCHEMA audit;
        ALTER SCHEMA audit OWNER TO bdd_trial_owner;
        CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
        CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;
        CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
        CREATE TYPE public.kind AS ENUM ('novel', 'atlas');
        CREATE TABLE public.books (
            title public.citext NOT NULL,
            kind public.kind,
            more public.hstore
        );
        ALTER TABLE public.books OWNER TO bdd_trial_owner;
        COPY public.books (title, kind, more) FROM stdin;
        Tango	novel	"pages"=>"12"
        \.
        CREATE INDEX books_title ON public.books USING gin (((title)::text) public.gin_trgm_ops);
        GRANT SELECT ON TABLE public.books TO bdd_trial_reader;
        ALTER DEFAULT PRIVILEGES FOR ROLE bdd_trial_owner IN SCHEMA public GRANT SELECT ON TABLES TO bdd_trial_reader;
        \unrestrict wT4u
        """
      When I run bdd with "--config {{project}}/dump.toml --database {{server}} --slots 1 --prove-isolation"
      Then it exits with 0
      And the output contains "created for this run"
      And the output contains "dump.sql:3: left out, because older servers don't know it"
      When I query:
        """
        select rolname from pg_roles where rolname like 'bdd\_trial\_%'
        """
      Then the query returned no rows

  Rule: What can't be parsed is refused with its place

    Scenario Outline: <what>
      Given the project's file "migrations/<first>":
        """
        <text>
        """
      And the project's file "migrations/<second>":
        """
        create table members (name text);
        """
      When I run bdd with "--config {{project}}/bdd.toml --database {{server}}"
      Then it exits with 1
      And the output contains "<message>"

      Examples:
        | what                            | first            | text                                     | second            | message                                             |
        | SQL before goose's part         | 1_a.sql          | create table a ();\n-- +goose Up         | readme.md         | 1_a.sql:1: it stands before `-- +goose Up`          |
        | A plain SQL file among goose's  | 1_a.sql          | -- +goose Up                             | 2_b.sql           | 2_b.sql: it has no `-- +goose Up`                   |
        | A goose file with variables     | 1_a.sql          | -- +goose Up\n-- +goose ENVSUB ON        | readme.md         | 1_a.sql:2: goose would change the text here         |
        | Flyway's placeholder            | V1__a.sql        | create table a ();\nselect '${b}';       | V2__b.sql         | V1__a.sql:2: ${b} is a placeholder                  |
        | Flyway's callback               | V1__a.sql        | create table a ();                       | afterMigrate.sql  | afterMigrate.sql: its name isn't one of a Flyway    |
        | Two equal versions              | V1__a.sql        | create table a ();                       | V1.0__b.sql       | have the same version                               |
        | A program among the files       | 1_a.sql          | create table a ();                       | 2_b.go            | 2_b.go: only SQL can run here                       |
        | A folder of SQL among the files | 1_a.sql          | create table a ();                       | sub/2_b.sql       | it is a folder that contains SQL                    |
        | Another database                | 1_a.sql          | select 1;\ncreate database elsewhere;    | 2_b.sql           | 1_a.sql:2: `create database elsewhere` affects      |
        | A changelog of Liquibase        | 1_a.sql          | --liquibase formatted sql\n--changeset ada:1 context:demo\nselect 1; | 2_b.sql | 1_a.sql: it is a changelog of Liquibase |
        | Sqitch's folders                | deploy/a.sql     | select 1;                                | revert/a.sql      | deploy: it is a folder that contains SQL. Name the one |
        | Another tool's names of a pair  | 1_a.sql          | select 1;                                | 1_a.rollback.sql  | have the same number. The files of a pair are named NNNN_name.up.sql |
        | Only programs                   | a.py             | pass                                     | readme.md         | contains no migrations in SQL                       |

    Scenario Outline: A dump that isn't one of text: <format>
      Given the project's file "dump.toml":
        """
        schema = { sql = "dump.sql" }
        """
      And the project's file "<file>":
        """
        <text>
        """
      When I run bdd with "--config {{project}}/dump.toml --database {{server}}"
      Then it exits with <code>
      And the output contains "<told>"

      Examples:
        | format                | file             | text                                   | code | told                                                   |
        | custom                | dump.sql         | PGDMP                                  | 1    | dump.sql: it is in pg_dump's custom format: schema = { |
        | directory             | dump.sql/toc.dat | PGDMP                                  | 2    | is a folder: for migrations                            |
        | of a whole server     | dump.sql         | create role a;\n\\connect template1   | 1    | is a command of psql that can't be followed here: dump one database |
