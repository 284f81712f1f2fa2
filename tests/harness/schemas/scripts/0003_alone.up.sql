-- no-transaction
create index concurrently readings_book on readings (book);
create index concurrently towns_name on towns (name);
