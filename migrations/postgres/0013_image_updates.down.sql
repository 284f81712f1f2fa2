drop table image_updates;
