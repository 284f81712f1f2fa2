//! SCAFFOLD: the lead replaces this file; only the signatures count.
use super::{database::Connection, failure::Failure};

#[derive(Debug)]
pub struct Slot {
    connection: Option<Connection>,
}

impl Slot {
    /// `http://host:port[/prefix]` of the service under test; fails when the target is `none`.
    pub fn base_url(&self) -> Result<String, Failure> {
        std::env::var("TRY_BASE_URL").map_err(|_| Failure::new("no service: the target is `none`"))
    }

    /// The scenario's own connection, as the database's owner; new at each scenario's start.
    pub async fn database(&mut self) -> Result<&mut Connection, Failure> {
        if self.connection.is_none() {
            self.connection = Some(Connection::open(&std::env::var("TRY_DATABASE_URL").unwrap()).await?);
        }
        Ok(self.connection.as_mut().unwrap())
    }
}

impl super::world::World {
    pub async fn without_slot() -> Self {
        Self::on(Slot { connection: None }, 1)
    }
}
