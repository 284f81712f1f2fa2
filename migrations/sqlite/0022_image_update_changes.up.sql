-- The latest changes of image updates, numbered in the order in which they become visible: what event streams tell.
-- A deleted image update has changes too, so nothing refers to image_updates.
create table image_update_changes (
    id              integer primary key autoincrement,
    image_update_id text    not null,
    change          text    not null,
    created_at      text    not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
);
