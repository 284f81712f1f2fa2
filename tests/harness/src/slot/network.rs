//! The network between a slot's service and its database, and the faults that a scenario injects.

use std::time::Duration;

use sqlx::Connection as _;

use crate::{
    failure::Failure,
    slot::{
        Leased, Slot,
        proxy::{Network, Proxy},
    },
    sql,
};

impl Slot {
    /// Makes the slot's database refuse new connections, and cuts open ones. The harness's own stay.
    pub async fn refuse_connections(&mut self) -> Result<(), Failure> {
        let (template, _) = self.leased()?.server()?;
        if template.lent_database().is_some() {
            return Err(Failure::new(
                "a lent database can't refuse connections: the suite has no other database on its server; run without --lent",
            ));
        }
        // The scenario's own connection has to be open before new ones are refused.
        self.database().await?;
        let leased = self.leased_mut()?;
        leased.allow_connections(false).await?;
        leased.disturbed = true;
        leased.refusing = true;
        leased.cut_connections().await
    }

    /// Puts a proxy between the service and its database, for the next scenario. If that isn't possible, the step that
    /// needs the proxy reports it.
    pub async fn expect_network_faults(&mut self) -> Result<(), Failure> {
        let leased = self.leased_mut()?;
        if leased.server().is_err() || leased.must_be_ours("").is_err() {
            return Ok(());
        }
        leased.use_proxy().await
    }

    /// Sets the state of the network between the service and its database, until the scenario ends or changes it.
    pub async fn set_network(&mut self, network: Network) -> Result<(), Failure> {
        let leased = self.leased_mut()?;
        leased.server()?;
        leased.must_be_ours("lose its database")?;
        leased.use_proxy().await?;
        if let Some(proxy) = &leased.proxy {
            proxy.set(network);
        }
        Ok(())
    }

    /// Makes the database reachable again.
    pub async fn make_reachable(&mut self) -> Result<(), Failure> {
        let leased = self.leased_mut()?;
        if let Some(proxy) = &leased.proxy {
            proxy.set(Network::Fast);
        }
        leased.refusing = false;
        leased.allow_connections(true).await
    }
}

impl Leased {
    pub(super) fn through_network(&self, url: String) -> Result<String, Failure> {
        match &self.proxy {
            Some(proxy) => proxy.url(&url),
            None => Ok(url),
        }
    }

    /// Restarts the service with the proxy in front of its database.
    pub(super) async fn use_proxy(&mut self) -> Result<(), Failure> {
        if self.proxy.is_some() {
            return Ok(());
        }
        self.proxy = Some(Proxy::start(&self.owner_url()?).await?);
        self.disturbed = true;
        self.end_service().await;
        self.start().await
    }

    /// Removes the proxy after the service has stopped, and waits until its connections are gone.
    pub(super) async fn remove_proxy(&mut self) -> Result<(), Failure> {
        if self.proxy.take().is_none() {
            return Ok(());
        }
        self.cut_connections().await
    }

    pub(super) async fn allow_connections(&self, allow: bool) -> Result<(), Failure> {
        let (template, name) = self.server()?;
        let mut admin = template.server.connect().await?;
        let statement = format!(
            "alter database {} with allow_connections {allow}",
            sql::identifier(name)
        );
        sql::execute(&mut admin, &statement).await?;
        admin.close().await?;
        Ok(())
    }

    /// Cuts all connections to the slot's database except the harness's own, and waits until they are gone.
    pub(super) async fn cut_connections(&self) -> Result<(), Failure> {
        let (template, name) = self.server()?;
        let mut admin = template.server.connect().await?;
        loop {
            let left: i64 = sqlx::query_scalar(
                "select count(*) filter (where pg_terminate_backend(pid))
                   from pg_stat_activity
                  where datname = $1 and application_name <> all ($2) and backend_type = 'client backend'",
            )
            .bind(name)
            .bind([sql::HARNESS, sql::SCENARIO])
            .fetch_one(&mut admin)
            .await?;
            if left == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        admin.close().await?;
        Ok(())
    }
}
