drop index readings_book, towns_name;
