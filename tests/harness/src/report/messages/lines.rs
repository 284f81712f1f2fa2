//! The file of messages, one per line.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
};

use serde::Serialize;

/// Appends messages to a file. A message is written while it is serialized, so that a large one isn't in memory as text.
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

    pub fn write(&mut self, message: &impl Serialize) {
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
