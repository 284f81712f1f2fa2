//! Tests of what scenarios can't reach.

use super::*;

fn load(env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::load(&Sources {
        env,
        ..Sources::default()
    })
}

#[test]
fn the_database_follows_from_the_settings() {
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "SQLite database at dance-lessons-coach.db"),
        (&[("DB_PATH", "here.db")], "SQLite database at here.db"),
        (
            &[("DB_DRIVER", "postgres")],
            "PostgreSQL database postgres://postgres:***@localhost:5432/dance_lessons_coach",
        ),
        (
            &[("DB_HOST", "db"), ("DB_PORT", "99")],
            "PostgreSQL database postgres://postgres:***@db:99/dance_lessons_coach",
        ),
        (
            &[("DATABASE_URL", "sqlite:a.db")],
            "SQLite database at a.db",
        ),
        (
            &[("DATABASE_URL", "postgres://u:p@h/n")],
            "PostgreSQL database postgres://u:***@h:5432/n",
        ),
        (
            &[("DATABASE_URL", "")],
            "SQLite database at dance-lessons-coach.db",
        ),
        (
            &[
                ("DB_PORT", "1"),
                ("DLC_DATABASE_PORT", "2"),
                ("DB_HOST", "h"),
            ],
            "PostgreSQL database postgres://postgres:***@h:2/dance_lessons_coach",
        ),
    ];
    for (env, expected) in table {
        assert_eq!(load(env).unwrap().target.to_string(), *expected, "{env:?}");
    }
}

#[test]
fn a_driver_that_contradicts_the_url_is_refused() {
    let error = load(&[
        ("DB_DRIVER", "sqlite"),
        ("DATABASE_URL", "postgres://u:secret@h/n"),
    ])
    .unwrap_err();
    assert!(error.to_string().contains("disagree"), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn all_errors_are_listed_together() {
    let error = load(&[
        ("PORT", "x"),
        ("DLC_NOTHING", "1"),
        ("DLC_SERVER_REQUEST_TIMEOUT", "5"),
    ])
    .unwrap_err();
    for name in ["server.port", "DLC_NOTHING", "server.request_timeout"] {
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn production_requires_a_named_database() {
    let error = load(&[
        ("DLC_ENVIRONMENT", "prod"),
        ("DLC_AUTH_SIGNING_KEY", "short"),
    ])
    .unwrap_err()
    .to_string();
    assert!(
        error.contains("auth.signing_key") && error.contains("DATABASE_URL"),
        "{error}"
    );
    assert!(!error.contains("short\""), "{error}");
}

#[test]
fn the_printed_configuration_is_toml_without_secrets() {
    let config = load(&[
        ("DATABASE_URL", "postgres://u:hidden@h/n"),
        ("DLC_AUTH_SIGNING_KEY", "hidden"),
    ])
    .unwrap();
    let text = config.to_toml();
    assert!(!text.contains("hidden"), "{text}");
    assert!(text.parse::<toml::Table>().is_ok(), "{text}");
}
