drop table loans, audit, books, authors, genres;
drop function note_loan, tidy_reader;
