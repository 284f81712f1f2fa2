"""The steps of the features, for behave: a kept connection to the database, and one to the service."""

import json

from behave import given, then, when


def variables(context, text):
    for name, value in context.saved.items():
        text = text.replace("{{" + name + "}}", str(value))
    return text


def matches(expected, found):
    """Members that aren't named may have any value."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            name in found and matches(value, found[name]) for name, value in expected.items()
        )
    return expected == found


@given('the table "{table}" has the rows:')
def rows(context, table):
    names = ", ".join(context.table.headings)
    places = ", ".join(["%s"] * len(context.table.headings))
    for row in context.table:
        context.database.execute(f"insert into {table} ({names}) values ({places})", list(row))


@when('I send {method} "{path}" with JSON:')
def send_json(context, method, path):
    headers = context.headers | {"Content-Type": "application/json"}
    body = variables(context, context.text)
    context.response = context.client.request(method, variables(context, path), content=body, headers=headers)


@when('I send {method} "{path}"')
def send(context, method, path):
    context.response = context.client.request(method, variables(context, path), headers=context.headers)


@given('the bearer token is "{token}"')
def bearer(context, token):
    context.headers["Authorization"] = f"Bearer {variables(context, token)}"


@then("the response status is {status:d}")
def has_status(context, status):
    assert context.response.status_code == status, context.response.text


@then('I save the response JSON at "$.{name}" as "{variable}"')
def save(context, name, variable):
    context.saved[variable] = context.response.json()[name]


@then("the response JSON contains:")
def contains(context):
    expected = json.loads(variables(context, context.text))
    assert matches(expected, context.response.json()), context.response.text


@then('the table "{table}" contains exactly the rows:')
def has_rows(context, table):
    names = ", ".join(context.table.headings)
    found = context.database.execute(f"select {names} from {table}").fetchall()
    found = sorted(tuple(str(value) for value in row) for row in found)
    expected = sorted(tuple(variables(context, cell) for cell in row) for row in context.table)
    assert found == expected, found


@then('the table "{table}" has {count:d} row')
def has_count(context, table, count):
    found = context.database.execute(f"select count(*) from {table}").fetchone()[0]
    assert found == count, found
