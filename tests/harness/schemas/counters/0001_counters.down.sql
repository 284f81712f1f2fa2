drop function counters();
drop table tickets_sold, invoices, seeded;
drop function next_ticket();
drop sequence tickets, invoice_numbers;
drop sequence ended, set_to_its_start, set_used, set_unused, moved_and_cached, moved;
drop sequence fleeting, elsewhere.numbers, numbers, cached, huge, small, below_zero, wheel, descending, odd_start;
drop table elsewhere.by_serial, two_counters, by_key_less, by_default, by_always, by_smallserial, by_bigserial, by_serial;
drop schema elsewhere;
