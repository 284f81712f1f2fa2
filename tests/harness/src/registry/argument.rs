//! The arguments of a step function: the texts of the sentence's parameters, read as the function's types.

use std::{any::type_name, fmt, fmt::Display, ops::Deref, str::FromStr};

use crate::{failure::Failure, variables::Variables};

/// The texts of a step's parameters.
#[derive(Clone, Debug)]
pub struct Arguments(pub(super) Vec<String>);

impl Arguments {
    /// Reads the parameter at this index.
    pub fn read<T: FromArgument>(
        &self,
        position: usize,
        variables: &mut Variables,
    ) -> Result<T, Failure> {
        T::read(self.0.get(position).map_or("", String::as_str), variables)
    }
}

/// A type that step functions take for a parameter.
pub trait FromArgument: Sized {
    fn read(text: &str, variables: &mut Variables) -> Result<Self, Failure>;
}

impl<T: FromStr<Err: Display>> FromArgument for T {
    fn read(text: &str, _variables: &mut Variables) -> Result<Self, Failure> {
        text.parse().map_err(|error| {
            let kind = match type_name::<T>().rsplit("::").next().unwrap_or_default() {
                "u16" => "a whole number from 0 to 65535",
                "u32" | "u64" | "usize" => "a whole number, 0 or more",
                "i32" | "i64" => "a whole number",
                other => other,
            };
            Failure::new(format!("`{text}` can't be read as {kind}: {error}"))
        })
    }
}

/// A `{string}` with its escaped quotes replaced and its variables filled in.
#[derive(Clone, Debug)]
pub struct Text(pub String);

impl FromArgument for Text {
    fn read(text: &str, variables: &mut Variables) -> Result<Self, Failure> {
        variables.text(&unescaped(text)).map(Self)
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A `{string}` arrives without its quotes, single or double. If it contains a quote without a backslash, the outer
/// quotes are of the other kind. Then a backslash before such a quote is part of the text.
fn unescaped(text: &str) -> String {
    let plain = |quote: char| {
        text.char_indices()
            .any(|(at, c)| c == quote && !text[..at].ends_with('\\'))
    };
    let mut result = text.to_owned();
    if !plain('"') {
        result = result.replace("\\\"", "\"");
    }
    if !plain('\'') {
        result = result.replace("\\'", "'");
    }
    result
}
