--
-- As pg_dump writes it.
--
\restrict abc
set statement_timeout = 0;
set client_encoding = 'UTF8';
select pg_catalog.set_config('search_path', '', false);

COPY public.users (id, username, name) FROM stdin;
1	ada	Ada Lovelace
2	grace	\N
\.

COPY public.entries (user_id, message) FROM stdin;
2	Hello; Ada!
\.
\unrestrict abc
