//! Rules for usernames, passwords, names and emails. The errors complete "this field …".

use std::{collections::HashSet, sync::LazyLock};

/// The passwords that attackers try first, one per line, in lower case.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// 3 to 50 ASCII letters, digits and `_`.
pub fn username(text: &str) -> Result<(), String> {
    let right_letters = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if right_letters && (3..=50).contains(&text.len()) {
        Ok(())
    } else {
        Err("must be 3 to 50 ASCII letters, digits and underscores".into())
    }
}

/// 8 to 128 characters of any kind, except the most common passwords.
pub fn password(text: &str) -> Result<(), String> {
    if !(8..=128).contains(&text.chars().count()) {
        Err("must be 8 to 128 characters".into())
    } else if COMMON.contains(text.to_lowercase().as_str()) {
        Err("is one of the most common passwords".into())
    } else {
        Ok(())
    }
}

/// 1 to 100 characters, not blank.
pub fn name(text: &str) -> Result<(), String> {
    if text.trim().is_empty() || text.chars().count() > 100 {
        Err("must be 1 to 100 characters, and not blank".into())
    } else {
        Ok(())
    }
}

/// One `@` between a name and a host with at least one dot. Catches typing errors, not addresses that do not exist.
pub fn email(text: &str) -> Result<(), String> {
    let valid = text.split_once('@').is_some_and(|(local, host)| {
        let local_letter = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        !local.is_empty()
            && local.len() <= 64
            && local.chars().all(local_letter)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && host.contains('.')
            && host.split('.').all(label)
    });
    if valid && text.chars().count() <= 200 {
        Ok(())
    } else {
        Err("must be an email address".into())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn emails_need_a_name_and_a_host() {
        for good in ["ada@example.com", "a.b+c@x-y.example.org", "ü@exämple.de"] {
            assert!(super::email(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@host",
            "a b@example.com",
            "a@@b.c",
            "a@.com",
            "a..b@c.de",
        ] {
            assert!(super::email(bad).is_err(), "{bad}");
        }
    }
}
