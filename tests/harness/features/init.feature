@postgres
Feature: A first bdd.toml
  The command `bdd init` writes a first bdd.toml and a first feature from the contents of a project.

  Scenario: The file contains what was found, and nothing is overwritten
    Given the project's file "alembic.ini":
      """
      [alembic]
      """
    And the project's file "library/app.py":
      """
      import os
      from fastapi import FastAPI
      app = FastAPI()
      url = os.environ["LIBRARY_DATABASE_URL"]

      @app.get("/healthz")
      def healthz():
          return {}
      """
    And the project's file "features/users.feature":
      """
      Feature: Users
        Scenario: Nobody is there
          When I send GET "/users"
      """
    When I run bdd with "init {{project}}"
    Then it exits with 0
    And the output contains "uvicorn library.app:app --port {port}"
    And the output contains "kept features/"
    When I run bdd with "init {{project}}"
    Then it exits with 2
    And the output contains "is there already; nothing was changed"
    When I run bdd with "--config {{project}}/bdd.toml --dry-run"
    Then it exits with 0

  Scenario: A route that clears the memory is used, and git ignores the reports
    Given the project's file "main.py":
      """
      from fastapi import FastAPI
      app = FastAPI()

      @app.post("/test/forget")
      def forget():
          app.state.seen = []
      """
    And the project's file ".git/HEAD":
      """
      ref: refs/heads/main
      """
    And the project's file ".git/objects/info/packs":
      """
      """
    And the project's file ".git/refs/heads/.keep":
      """
      """
    And the project's file ".gitignore":
      """
      *.log
      """
    When I run bdd with "init {{project}}"
    Then it exits with 0
    And the output contains "forget: /test/forget (main.py)"
    And the output contains "added /target/bdd/ to .gitignore"
    And the project's file ".gitignore" contains "*.log"
    And the project's file ".gitignore" contains "/target/bdd/"
    And the project's file "bdd.toml" contains '# forget = { post = "/test/forget" }'
    And the project's file "bdd.toml" contains "found in main.py"
    When I run bdd with "--config {{project}}/bdd.toml --dry-run"
    Then it exits with 0

  Scenario: What git ignores already isn't added again
    Given the project's file "go.mod":
      """
      module notes
      """
    And the project's file ".git/HEAD":
      """
      ref: refs/heads/main
      """
    And the project's file ".git/objects/info/packs":
      """
      """
    And the project's file ".git/refs/heads/.keep":
      """
      """
    And the project's file ".gitignore":
      """
      target/
      """
    When I run bdd with "init {{project}}"
    Then it exits with 0
    And the output does not contain ".gitignore"

  Scenario: Compose's image of PostgreSQL is the suite's
    Given the project's file "compose.yaml":
      """
      services:
        db:
          image: postgis/postgis:16-3.4
      """
    And the project's file "schema.sql":
      """
      select 1;
      """
    When I run bdd with "init {{project}}"
    Then it exits with 0
    And the project's file "bdd.toml" contains 'image = "postgis/postgis:16-3.4" }'
    When I run bdd with "--config {{project}}/bdd.toml --database {{server}}"
    Then it exits with 0

  Scenario Outline: <project>
    Given the project's file "<one>":
      """
      <its text>
      """
    And the project's file "<other>":
      """
      <text>
      """
    When I run bdd with "init {{project}}"
    Then it exits with 0
    And the output contains '<message>'
    And the output contains '<another message>'

    Examples:
      | project                        | one                 | its text                                                     | other                   | text                                                                   | message                                                     | another message                                    |
      | Flask with Flask-Migrate       | app/__init__.py     | def create_app():\n    app = Flask(__name__)                 | migrations/alembic.ini  | [alembic]                                                              | schema: { run = "flask --app app db upgrade" }              | service: flask --app app run --port {port}         |
      | A driver of SQLAlchemy         | requirements.txt    | fastapi\nSQLAlchemy>=2\npsycopg[binary]>=3                   | main.py                 | app = FastAPI()\nurl = os.environ["LIBRARY_DB_URL"]                    | LIBRARY_DB_URL={url:sqlalchemy+psycopg}                     | uvicorn main:app                                   |
      | SQLAlchemy's own driver        | requirements.txt    | sqlalchemy\npsycopg2-binary                                  | app.py                  | app = Flask(__name__)\napp.config["SQLALCHEMY_DATABASE_URI"] = os.getenv("DB_URL") | DB_URL={url} (app.py)                           | flask --app app run                                |
      | The parts of an address        | package.json        | {"scripts": {"start": "node server.js"}}                     | server.js               | connect({host: process.env.DB_HOST, port: process.env.DB_PORT, user: process.env["DB_USER"]}) | DB_HOST={host}, DB_PORT={dbport}, DB_USER={user} | npm start                              |
      | Go                             | go.mod              | module notes                                                 | cmd/notes/main.go       | dsn := os.Getenv("DB_DSN")\nhttp.HandleFunc("/healthz", healthz)       | DB_DSN={url}                                                | go run ./cmd/notes                                 |
      | Rails                          | config.ru           | run Rails.application                                        | config/application.rb   | module Notes                                                           | RAILS_ENV=test                                              | bundle exec puma --port {port}                     |
      | Laravel                        | artisan             | #!/usr/bin/env php                                           | composer.json           | {}                                                                     | schema: { run = "php artisan migrate --force" }             | DB_URL={url:tcp}                                   |
      | .NET                           | Notes.csproj        | <Project Sdk="Microsoft.NET.Sdk.Web"></Project>              | appsettings.json        | {"ConnectionStrings": {"Notes": ""}}                                   | ConnectionStrings__Notes=Host={host};Port={dbport}          | dotnet run                                         |
      | Spring Boot with Flyway        | pom.xml             | <artifactId>spring-boot-starter-actuator</artifactId>        | src/main/resources/db/migration/V1__a.sql | create table a (id int)                              | schema: { files = "src/main/resources/db/migration" }       | SPRING_FLYWAY_ENABLED=false                        |
      | yoyo                           | yoyo.ini            | [DEFAULT]\nsources = changes                                | changes/1_a.sql         | select 1                                                               | schema: { run = "yoyo apply --batch --database {url:tcp} changes" } | service: nothing |
      | Flyway's settings              | flyway.conf         | # flyway.schemas=\nflyway.locations=filesystem:./db/changes  | db/changes/V1__a.sql    | select 1                                                               | schema: { files = "db/changes" } (flyway.conf)              | service: nothing                                   |
      | Flyway with placeholders       | flyway.conf         | flyway.locations=filesystem:sql\nflyway.placeholders.a=b     | sql/V1__a.sql           | select '${a}'                                                          | schema: { run = "flyway -configFiles=flyway.conf -url={url:jdbc} | -password={password} migrate                  |
      | Flyway with two folders        | flyway.toml         | [flyway]\nlocations = ["filesystem:one", "filesystem:two"]   | one/V1__a.sql           | select 1                                                               | schema: { run = "flyway -configFiles=flyway.toml            | service: nothing                                   |
      | Prisma without migrations      | package.json        | {"scripts": {"dev": "next dev"}}                             | prisma/schema.prisma    | datasource db {\n  url = env("LIBRARY")\n}                             | schema: { run = "npx prisma db push" }                      | service: npm run dev                               |
      | Prisma's variable              | package.json        | {"scripts": {"start": "node server.js"}}                     | prisma/schema.prisma    | datasource db {\n  url = env("LIBRARY")\n}                             | LIBRARY={url}                                               | PORT={port}                                        |
      | Heroku's release command       | Procfile            | web: ./server $PORT\nrelease: ./server migrate               | go.mod                  | module notes                                                           | schema: { run = "./server migrate" } (Procfile)             | service: ./server {port}                           |
      | Flyway in Java                 | src/main/java/db/migration/V2__b.java | class V2__b {}                                | src/main/resources/db/migration/V1__a.sql | select 1                                             | migrations that are programs                                | src/main/java/db/migration                         |
      | Other services                 | Procfile            | web: node server.js --port $PORT                             | server.js               | fetch(process.env.PAYMENT_URL); connect(process.env.DATABASE_URL)      | neighbours: whether it calls these services                | node server.js --port {port}                       |
      | Poetry                         | poetry.lock         | [metadata]                                                   | library/app.py          | app = FastAPI()                                                        | service: poetry run uvicorn library.app:app                 | schema: nothing                                    |
      | uv and Alembic                 | uv.lock             | version = 1                                                  | alembic.ini             | [alembic]                                                              | schema: { run = "uv run alembic upgrade head" }             | service: nothing                                   |
      | A script that migrates         | package.json        | {"scripts": {"start": "nest start", "migration:run": "typeorm migration:run"}} | src/main.ts | await app.listen(3000)                                | schema: { run = "npm run migration:run" }                   | service: npm start                                 |
      | Several programs in Go         | go.mod              | module notes                                                 | cmd/api/main.go         | package main                                                           | go run ./cmd/api                                            | schema: nothing                                    |
      | A service in a folder          | backend/alembic.ini | [alembic]                                                    | backend/app/main.py     | app = FastAPI()                                                        | a project of its own: remove bdd.toml here, and run `bdd init backend` (backend/) | schema: nothing              |
      | Liquibase                      | build.gradle        | org.springframework.boot                                     | src/main/resources/db/changelog/a.yaml | databaseChangeLog                                       | changelogs of Liquibase: let a command apply them           | service: ./gradlew --quiet bootRun                 |
