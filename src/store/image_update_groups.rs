//! Image updates grouped by tag, as the dashboard shows them.

use sqlx::FromRow;

use super::image_updates::{ImageUpdate, ImageUpdateFilter, columns};
use super::{Store, StoreError};
use crate::domain::Id;

/// The image updates with one tag, or without any.
#[derive(Debug, Clone, FromRow)]
pub struct ImageUpdateGroup {
    pub tag_id: Option<Id>,
    pub tag_name: Option<String>,
    pub total: i64,
    /// How many are acknowledged.
    pub acknowledged: i64,
}

impl Store {
    /// The groups of the image updates that match a filter, by name. Those without a tag come last.
    pub async fn image_update_groups(
        &self,
        filter: &ImageUpdateFilter,
        untagged: bool,
    ) -> Result<Vec<ImageUpdateGroup>, StoreError> {
        let mut groups: Vec<ImageUpdateGroup> = self
            .filtered(
                "select tag_id,
                        (select t.name from tags t where t.id = tag_id) as tag_name,
                        count(*) as total,
                        count(acknowledged_at) as acknowledged
                   from image_updates",
                &self.image_update_conditions(filter, untagged),
                "group by tag_id",
            )
            .await?;
        groups.sort_by(|one, other| {
            let key = |group: &ImageUpdateGroup| (group.tag_id.is_none(), group.tag_name.clone());
            key(one).cmp(&key(other))
        });
        Ok(groups)
    }

    /// The `each` latest image updates of every group.
    pub async fn latest_of_groups(
        &self,
        filter: &ImageUpdateFilter,
        each: u8,
    ) -> Result<Vec<ImageUpdate>, StoreError> {
        let latest = format!(") latest where place <= {each} order by updated_at desc, id desc");
        let before = concat!(
            "select ",
            columns!(),
            " from (select u.*, row_number() over (partition by tag_id order by updated_at desc, id desc) as place
                      from image_updates u",
        );
        let conditions = self.image_update_conditions(filter, false);
        self.filtered(before, &conditions, &latest).await
    }

    /// The hosts that have reported something.
    pub async fn reporting_hosts(&self) -> Result<Vec<String>, StoreError> {
        on_db!(self.read, db => sqlx::query_scalar(
            "select distinct hostname
               from image_updates
              where hostname <> ''
              order by hostname
              limit 500",
        )
        .fetch_all(db))
    }
}
