drop function polka, waltz; drop table "odd;name";
