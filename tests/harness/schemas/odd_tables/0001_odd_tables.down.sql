drop table computed_key, people, lines, points, wide, emptied, all_computed, columnless_at_first, columnless, with_rider;
drop type person;
