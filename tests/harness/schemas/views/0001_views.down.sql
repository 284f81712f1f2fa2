drop function contents();
drop view reports.names, guests_with_country, french;
drop function add_guest();
drop table made_at_first;
drop materialized view made_at, price_sum, price_list, without_key, without_any_data, without_data, made_first;
drop view between_them;
drop materialized view made_last, fixed, reports."Odd View", reports.daily, most, by_country, guest_count;
drop table visits, prices, guests, countries;
drop schema reports;
