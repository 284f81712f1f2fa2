-- What a greeting was made from comes back as it was stored, digit for digit.
alter table greet_history alter column context drop default;
alter table greet_history alter column context type json using context::json;
alter table greet_history alter column context set default '{}';
