//! The file `.env` in the current folder, which is read in development only.

use std::{fs, io::ErrorKind};

use super::failure::Failure;
use crate::config::EnvVars;

const FILE: &str = ".env";

/// Adds the variables of the file, unless they are set.
pub(super) fn add(env: &mut EnvVars) -> Result<(), Failure> {
    let text = match fs::read_to_string(FILE) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::Failed(format!("{FILE} can't be read: {error}"))),
    };
    for (name, value) in parse(&text)? {
        env.entry(name).or_insert(value);
    }
    Ok(())
}

/// Lines of `NAME=value`, perhaps after `export`, with the value in quotes or bare; `#` begins a comment.
fn parse(text: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut variables = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
        };
        let pair = line
            .split_once('=')
            .map(|(name, value)| (name.trim(), value.trim()));
        let Some((name, value)) = pair.filter(|(name, _)| is_name(name)) else {
            return Err(Failure::Failed(format!(
                "{FILE}, line {number}: must be NAME=value"
            )));
        };
        variables.push((name.to_owned(), unquoted(value).to_owned()));
    }
    Ok(variables)
}

fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some((inner, _)) = value
            .strip_prefix(quote)
            .and_then(|rest| rest.split_once(quote))
        {
            return inner;
        }
    }
    value.split(" #").next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn values_are_bare_or_quoted() {
        let text = "# a comment\n\nA=1\nexport B = 'two # words' \nC=\"three\" # comment\nD=a#b # comment\nE=\n";
        let expected = [
            ("A", "1"),
            ("B", "two # words"),
            ("C", "three"),
            ("D", "a#b"),
            ("E", ""),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parse(text).ok(), Some(expected.to_vec()));
        assert!(parse("A=1\nno name\n").is_err());
    }
}
