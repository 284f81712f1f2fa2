alter table greet_history alter column context drop default;
alter table greet_history alter column context type jsonb using context::jsonb;
alter table greet_history alter column context set default '{}';
