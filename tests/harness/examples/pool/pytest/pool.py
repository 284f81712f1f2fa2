"""A client of `bdd pool`, with nothing but Python's own library."""

import json
import os
import urllib.error
import urllib.request


class Refused(Exception):
    """What the pool answered: its status and its error."""

    def __init__(self, status, error):
        super().__init__(f"{status}: {error}")
        self.status = status


def ask(method, path, **body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(os.environ["BDD_POOL"] + path, data, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or "null")
    except urllib.error.HTTPError as refused:
        raise Refused(refused.code, json.loads(refused.read())["error"]) from None


class Database:
    """A slot: its URL, and how it becomes clean and free again."""

    def __init__(self, **how):
        leased = ask("POST", "/lease", pid=os.getpid(), **how)
        self.slot, self.lease = leased["slot"], leased["lease"]
        self.url, self.owner_url = leased["database_url"], leased["owner_url"]

    def reset(self):
        return ask("POST", f"/slots/{self.slot}/reset", lease=self.lease)

    def prove(self):
        return ask("POST", f"/slots/{self.slot}/prove", lease=self.lease)

    def release(self):
        ask("DELETE", f"/slots/{self.slot}", lease=self.lease)
