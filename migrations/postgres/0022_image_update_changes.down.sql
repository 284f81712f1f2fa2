drop table image_update_changes;
