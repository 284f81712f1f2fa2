--
-- As pg_dump writes it.
--

\restrict wT4u
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET row_security = off;

CREATE TABLE public.towns (
    code text NOT NULL,
    name text
);

COPY public.towns (code, name) FROM stdin;
ams	Amsterdam; "the city"
bxl	Brussels \\ Bruxelles
nul	\N
\.

ALTER TABLE ONLY public.towns
    ADD CONSTRAINT towns_pkey PRIMARY KEY (code);

\unrestrict wT4u
