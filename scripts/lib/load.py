"""Clients that send requests to replicas through a load balancer that follows readiness."""

import http.client
import json
import threading
import time


class Balancer:
    """Selects ready replicas in turn, and looks at readiness as often as the manifest says the kubelet does."""

    def __init__(self, replicas):
        self.replicas, self.ready, self.turn = list(replicas), list(replicas), 0
        self.lock = threading.Lock()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while True:
            ready = [replica for replica in list(self.replicas) if replica.status("/api/ready") == 200]
            with self.lock:
                self.ready = ready or self.ready
            time.sleep(0.5)

    def add(self, replica):
        with self.lock:
            self.replicas.append(replica)
            self.ready = [*self.ready, replica]

    def remove(self, replica):
        with self.lock:
            self.replicas.remove(replica)
            self.ready = [other for other in self.ready if other is not replica]

    def next(self):
        with self.lock:
            self.turn += 1
            return self.ready[self.turn % len(self.ready)]


class Client(threading.Thread):
    """Sends reads and writes over connections that it keeps, as a proxy does."""

    def __init__(self, balancer, label, rate, bearer):
        super().__init__(daemon=True)
        self.balancer, self.label, self.pause, self.bearer = balancer, label, 1 / rate, bearer
        self.answered, self.refused, self.failures, self.created = 0, 0, [], []
        self.connections, self.stopped = {}, threading.Event()

    def run(self):
        sent = 0
        while not self.stopped.wait(self.pause):
            sent += 1
            if sent % 4:
                self.send("GET", "/api/v1/pizzas?limit=3")
            else:
                name = f"{self.label} {sent}"
                if self.send("POST", "/api/v1/tags", json.dumps({"name": name})) == 201:
                    self.created.append(name)

    def send(self, method, path, body=None):
        replica = self.balancer.next()
        connection = self.connections.get(replica.port) or http.client.HTTPConnection("127.0.0.1", replica.port, timeout=30)
        self.connections[replica.port] = connection
        headers = {"Content-Type": "application/json", **self.bearer} if body else self.bearer
        reused = connection.sock is not None
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
        except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest) as error:
            connection.close()
            # A kept connection may be closed at any time, before the request is read: a proxy sends it again. One that
            # was just made may not.
            if reused and isinstance(error, (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)):
                return self.send(method, path, body)
            self.failures.append(f"{method} {path}: {error!r}")
            return 0
        if answer.status == 503 and answer.getheader("Retry-After"):
            self.refused += 1
        elif answer.status in (200, 201):
            self.answered += 1
        else:
            self.failures.append(f"{method} {path}: {answer.status}")
        return answer.status

    def stop(self):
        self.stopped.set()
        self.join()
