drop table oauth_clients;
