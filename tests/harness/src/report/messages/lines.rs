//! The file of messages, one per line.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
};

use serde::Serialize;
use serde_json::Value;

/// Appends messages to a file.
pub struct Lines {
    file: BufWriter<File>,
    /// The first message that couldn't be written.
    failed: io::Result<()>,
}

impl Lines {
    pub fn new(file: File) -> Self {
        Self {
            file: BufWriter::new(file),
            failed: Ok(()),
        }
    }

    pub fn write(&mut self, message: &Value) {
        if self.failed.is_ok() {
            // The text of a `Value` is made by code of serde_json that is optimised in debug builds too.
            self.failed = self.file.write_all((message.to_string() + "\n").as_bytes());
        }
    }

    /// The same for a large message: it is written while it is serialized.
    pub fn write_large(&mut self, message: &impl Serialize) {
        if self.failed.is_ok() {
            self.failed = serde_json::to_writer(&mut self.file, message)
                .map_err(io::Error::from)
                .and_then(|()| self.file.write_all(b"\n"));
        }
    }

    /// Puts complete lines into the file. Fails if one of them couldn't be written.
    pub fn flush(&mut self) -> io::Result<()> {
        std::mem::replace(&mut self.failed, Ok(())).and_then(|()| self.file.flush())
    }
}
