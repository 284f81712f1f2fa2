drop function contents();
drop table toy_birds, toys, birds, pups, dogs, animals, nowhere, logs, tickets, seats, halls, events;
