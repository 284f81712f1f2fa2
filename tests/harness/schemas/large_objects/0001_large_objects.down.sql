drop function contents();
drop table documents;
select lo_unlink(4711), lo_unlink(4712), lo_unlink(4713), lo_unlink(4714);
