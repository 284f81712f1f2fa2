drop procedure write_everywhere(text);
drop table contents_at_first;
drop function contents();
drop materialized view "Odd View's ""name"" 100%";
drop sequence "Odd Sequence's ""name"" 100%";
drop table reset, things_column, relation, t, s, shadow, marker, plan, dirty;
drop table "sixty-three letters is all that PostgreSQL keeps of a long name", "{{name}}", "--", "a.b", "line
break", "user", "select", upper, "UPPER", "Üñí ∆ 💃", "back\slash\", "$$", "$body$", "100% %I %s %L", "it's", "quote""d", "with space";
drop table pg_class_of_things, south.things, north.things, things;
drop table "日本 ünïcode"."日本 ünïcode", "It's 100% ""odd"", isn't it? \ $body$"."It's 100% ""odd"", isn't it? \ $body$",
           "Bdd_Harness".dirty, "pg-x".cars, pgarage.cars;
drop schema "日本 ünïcode", "It's 100% ""odd"", isn't it? \ $body$", "Bdd_Harness", "pg-x", pgarage, south, north;
