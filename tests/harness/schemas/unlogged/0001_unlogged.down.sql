drop function contents();
drop table logged_later, unlogged_later, shades, counted, words, colours, numbers, drafts, sessions, scratch;
drop sequence tickets;
