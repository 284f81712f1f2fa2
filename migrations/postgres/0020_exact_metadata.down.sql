alter table image_updates alter column metadata type jsonb using metadata::jsonb;
