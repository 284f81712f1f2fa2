//! `schema`: tables, columns, indexes and relations as Markdown.

use std::fmt::Write;

use super::failure::Failure;
use super::runtime::{connect, print_text, runtime};
use super::settings::{Settings, in_memory};
use crate::config::{Config, Driver, EnvVars};
use crate::store::{
    migrate::{Access, MigrationError},
    schema::{Column, Index, Table},
};

pub(super) fn run(settings: Settings, env: EnvVars) -> Result<(), Failure> {
    let named = settings.database.is_some();
    let config = if named {
        settings.load(env, Vec::new())?
    } else {
        eprintln!(
            "These are the tables after all migrations on SQLite. The configuration is not read, also not DATABASE_URL; \
             --database URL reads a database."
        );
        in_memory()?
    };
    let tables = runtime()?.block_on(tables(&config, named))?;
    print_text(&markdown(config.target.driver(), &tables))
}

async fn tables(config: &Config, named: bool) -> Result<Vec<Table>, Failure> {
    let access = if named { Access::Read } else { Access::Create };
    let mut migrations = connect(config, access).await?;
    let described = async {
        if !named {
            migrations.up(None).await?;
        }
        migrations.steps().await?;
        Ok::<_, MigrationError>(migrations.tables().await?)
    }
    .await;
    migrations.close().await;
    Ok(described?)
}

fn markdown(driver: Driver, tables: &[Table]) -> String {
    let engine = match driver {
        Driver::Sqlite => "SQLite",
        Driver::Postgres | Driver::Auto => "PostgreSQL",
    };
    let mut text = format!(
        "# Schema\n\nThe tables after all migrations on {engine}, printed by `dance-lessons-coach schema`.\n"
    );
    if driver == Driver::Sqlite {
        text += "\nPostgreSQL has the same columns with other types: ids are `uuid`, times `timestamptz`, JSON `jsonb` (`json` where it is kept exactly as sent) and \
                 whole numbers `bigint`. It also has trigram indexes for searches. \
                 `dance-lessons-coach schema --database postgres://…` prints them.\n";
    }
    text += &diagram(tables);
    for table in tables {
        let _ = write!(text, "\n## {}\n\n", table.name);
        text += "| column | type | null | default | refers to |\n|---|---|---|---|---|\n";
        for column in &table.columns {
            text += &row(column);
        }
        if !table.indexes.is_empty() {
            text += "\n| index | unique | on |\n|---|---|---|\n";
            for index in &table.indexes {
                text += &index_row(index);
            }
        }
    }
    text
}

fn diagram(tables: &[Table]) -> String {
    let mut text = String::from("\n```mermaid\nerDiagram\n");
    for table in tables {
        let _ = writeln!(text, "    {} {{", table.name);
        for column in &table.columns {
            let mark = match (column.key, &column.refers_to) {
                (true, _) => " PK",
                (false, Some(_)) => " FK",
                (false, None) => "",
            };
            let kind = column.kind.split_whitespace().next().unwrap_or("any");
            let _ = writeln!(text, "        {kind} {}{mark}", column.name);
        }
        text += "    }\n";
    }
    for table in tables {
        for column in &table.columns {
            if let Some(other) = &column.refers_to {
                let one = if column.nullable { "|o" } else { "||" };
                let _ = writeln!(
                    text,
                    "    {other} {one}--o{{ {} : {}",
                    table.name, column.name
                );
            }
        }
    }
    text + "```\n"
}

fn row(column: &Column) -> String {
    let name = if column.key {
        format!("**{}**", column.name)
    } else {
        column.name.clone()
    };
    format!(
        "| {name} | {} | {} | {} | {} |\n",
        column.kind,
        if column.nullable { "yes" } else { "" },
        column.default.as_deref().map(shown).unwrap_or_default(),
        column.refers_to.as_deref().unwrap_or_default()
    )
}

/// A default in one cell. SQLite's expressions for a random id and the current time are too long to show.
fn shown(default: &str) -> String {
    if default.contains("randomblob") || default.contains("gen_random_uuid") {
        return "a random id".into();
    }
    if default.contains("strftime") || default == "now()" {
        return "now".into();
    }
    code(default)
}

fn index_row(index: &Index) -> String {
    let on = index
        .text
        .split_once(" on ")
        .or_else(|| index.text.split_once(" ON "));
    let on = on.map_or(index.text.as_str(), |(_, on)| on);
    // The heading has the table's name already.
    let on = on.find('(').map_or(on, |start| on[start..].trim());
    format!(
        "| {} | {} | {} |\n",
        index.name,
        if index.unique { "yes" } else { "" },
        code(on)
    )
}

fn code(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("`{}`", line.replace('|', "\\|"))
}
