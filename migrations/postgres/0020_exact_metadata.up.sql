-- Reports come back as they were sent, digit for digit: `jsonb` writes 1e400 with 401 digits.
alter table image_updates alter column metadata type json using metadata::json;
