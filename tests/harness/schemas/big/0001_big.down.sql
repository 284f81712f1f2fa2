drop table visited, streets, heap, folders, visits, visitors, countries;
