drop function contents();
drop table loose, events, settings, members, ledger, notes, letters, closed, hidden;
