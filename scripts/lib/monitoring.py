"""A Prometheus that scrapes replicas of the service and evaluates the project's alerts, and a collector of traces."""

import http.server
import json
import re
import ssl
import subprocess
import threading
import urllib.parse

from servers import free_port, request, until

JOB = "dance-lessons-coach"


class Prometheus:
    def __init__(self, where, replicas, rules):
        self.rules, self.port, self.log = rules, free_port(), where[0] / "prometheus.log"
        self.url = f"http://127.0.0.1:{self.port}"
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules / "alerts.yaml")],
            "scrape_configs": [{"job_name": JOB, "static_configs": [
                {"targets": [f"127.0.0.1:{replica.port}" for replica in replicas]}]}],
        }
        # JSON is YAML.
        (where[0] / "prometheus.yaml").write_text(json.dumps(config))
        command = ["prometheus", f"--config.file={where[0] / 'prometheus.yaml'}", f"--storage.tsdb.path={where[0] / 'metrics'}",
                   f"--web.listen-address=127.0.0.1:{self.port}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=where[0])
        where[1].append(self)

    def ask(self, path):
        status, answer, _ = request("GET", self.url + path)
        return json.loads(answer)["data"] if status == 200 else {}

    def values(self, query):
        """What an instant query returns, without what isn't a number."""
        found = self.ask("/api/v1/query?" + urllib.parse.urlencode({"query": query})).get("result", [])
        return [row["value"][1] for row in found if row["value"][1] != "NaN"]

    def queries(self):
        """The dashboard's, as Grafana asks them."""
        panels = json.loads((self.rules / "dashboard.json").read_text())["panels"]
        for target in (target for panel in panels for target in panel.get("targets", [])):
            yield target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")

    def alerts(self):
        """The names of alerts that are raised or about to be."""
        return {alert["labels"]["alertname"] for alert in self.ask("/api/v1/alerts").get("alerts", [])}

    def check_dashboard(self, check):
        queries = list(self.queries())
        for query in queries:
            until(f"data for {query}", lambda query=query: self.values(query))
        check(f"each of the dashboard's {len(queries)} queries returns data", queries)

    def check_names(self, check):
        """Metrics and labels in alerts that the service doesn't have would never raise one."""
        until("every replica is scraped", lambda: self.values(f'min(up{{job="{JOB}"}})') == ["1"])
        used = {f'{metric}{{{label}!=""}}'
                for metric, labels in re.findall(r"(\w+)\{(.*?)\}", (self.rules / "alerts.yaml").read_text(), re.DOTALL)
                for label in re.findall(r"(\w+)[!=]~?\"", labels) if metric != "db_replica_usable"}
        unknown = {selector for selector in used if not self.values(selector)}
        check(f"each of the {len(used)} metrics with labels in alerts exists; missing: {unknown or 'none'}", used and not unknown)

    def check_quiet(self, check):
        raised = self.alerts()
        check(f"a healthy deployment raises no alert: {raised or 'none'}", not raised)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Collector:
    """Accepts traces by OTLP over HTTPS, from clients that send its token."""

    def __init__(self, where, certificate):
        self.received = received = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                is_allowed = self.headers["Authorization"] == "Bearer to-the-collector" and self.path == "/v1/traces"
                if is_allowed:
                    received.append(body)
                self.send_response(200 if is_allowed else 401)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.file, certificate.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://127.0.0.1:{self.server.server_port}",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": str(certificate.authority),
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20to-the-collector",
        }
        where[1].append(self)

    def has(self, name):
        """Whether it has received a span with this name."""
        return any(name.encode() in body for body in self.received)

    def kill(self):
        self.server.shutdown()
