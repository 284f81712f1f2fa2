"""Servers for scripts that test the service: PostgreSQL, and the service as a process."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM = TARGET / "debug/dance-lessons-coach"
PASSWORD = "secret"
# Long enough for a busy machine.
LIMIT = 60


def build():
    subprocess.run(["cargo", "build", "--quiet", "--locked"], cwd=ROOT, check=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(what, condition, limit=LIMIT):
    """Polls until there is a value, and returns it."""
    end = time.monotonic() + limit
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise SystemExit(f"not within {limit} s: {what}")
        time.sleep(0.05)


def terminate_as_exit(number, _):
    raise SystemExit(128 + number)


@contextlib.contextmanager
def folder():
    """A folder that PostgreSQL's user can enter. At its end, also after Ctrl-C or SIGTERM, all servers are stopped."""
    signal.signal(signal.SIGTERM, terminate_as_exit)
    path = Path(tempfile.mkdtemp(prefix="servers-"))
    if os.getuid() == 0:
        shutil.chown(path, "nobody")
    started = []
    try:
        yield path, started
    except BaseException:
        for log in sorted(path.glob("*.log")):
            print(f"== the end of {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:]), flush=True)
        raise
    finally:
        for server in reversed(started):
            server.kill()
        shutil.rmtree(path, ignore_errors=True)


def as_user():
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def programs():
    for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (path / "initdb").exists():
            return path
    if found := shutil.which("initdb"):
        return Path(found).parent
    raise SystemExit("no initdb in /usr/lib/postgresql or PATH; is PostgreSQL installed?")


class Postgres:
    """A server with SCRAM on a free port; its superuser is postgres."""

    def __init__(self, where, name, settings=()):
        self.data, self.log, self.port = where[0] / name, where[0] / f"{name}.log", free_port()
        self.settings = settings
        where[1].append(self)

    def make(self):
        password = self.data.parent / "password"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o644)
        self.run("initdb", "--no-sync", "--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                 f"--pwfile={password}", "-D", self.data)
        return self

    def copy_of(self, primary):
        self.run("pg_basebackup", "--no-sync", "--write-recovery-conf", "--checkpoint=fast", "-D", self.data, "-d", primary.url("postgres"))
        return self

    def run(self, name, *arguments):
        subprocess.run([programs() / name, *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/", **as_user())

    def start(self):
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off",
                   "max_connections=200", *self.settings]
        line = " ".join(f"-c '{option}'" for option in options)
        self.run("pg_ctl", "-D", self.data, "-l", self.log, "--wait", "--silent", "-o", line, "start")
        return self

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", self.data, "-m", mode, "--silent", "stop")

    def promote(self):
        self.run("pg_ctl", "-D", self.data, "--silent", "promote")

    def kill(self):
        if (self.data / "postmaster.pid").exists():
            with contextlib.suppress(subprocess.CalledProcessError):
                self.stop("immediate")

    def url(self, database, role="postgres", port=None):
        return f"postgres://{role}:{PASSWORD}@127.0.0.1:{port or self.port}/{database}"

    def sql(self, text, database="postgres"):
        psql = [programs() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", text]
        return subprocess.run(psql, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


class Certificate:
    """A certificate for 127.0.0.1 that PostgreSQL and PgBouncer show, and the authority that has signed it."""

    def __init__(self, where):
        self.authority, self.file, self.key = (where[0] / name for name in ("ca.crt", "server.crt", "server.key"))
        extensions = where[0] / "extensions"
        extensions.write_text("subjectAltName = IP:127.0.0.1\n")
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self.openssl("req", "-x509", *new, "-keyout", where[0] / "ca.key", "-out", self.authority, "-days", "2", "-subj", "/CN=authority")
        self.openssl("req", *new, "-keyout", self.key, "-out", where[0] / "server.csr", "-subj", "/CN=server")
        self.openssl("x509", "-req", "-in", where[0] / "server.csr", "-CA", self.authority, "-CAkey", where[0] / "ca.key",
                     "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", self.file)
        self.key.chmod(0o600)
        if os.getuid() == 0:
            shutil.chown(self.key, "nobody")

    @staticmethod
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def settings(self):
        return ["ssl=on", f"ssl_cert_file={self.file}", f"ssl_key_file={self.key}"]


class PgBouncer:
    """A pooler in front of one server, which can be exchanged. Clients must use TLS."""

    def __init__(self, where, name, settings, certificate, roles):
        self.ini, self.log, self.port = where[0] / f"{name}.ini", where[0] / f"{name}.log", free_port()
        self.users = where[0] / f"{name}.users"
        self.users.write_text("".join(f'"{role}" "{PASSWORD}"\n' for role in roles))
        self.settings = {
            "listen_addr": "127.0.0.1", "listen_port": self.port, "unix_socket_dir": "", "auth_type": "scram-sha-256",
            "auth_file": self.users, "client_tls_sslmode": "require", "client_tls_cert_file": certificate.file,
            "client_tls_key_file": certificate.key, "server_tls_sslmode": "verify-ca",
            "server_tls_ca_file": certificate.authority, **settings,
        }
        self.process = None
        where[1].append(self)

    def write(self, server):
        settings = "".join(f"{name} = {value}\n" for name, value in self.settings.items())
        self.ini.write_text(f"[databases]\n* = host=127.0.0.1 port={server.port}\n[pgbouncer]\n{settings}")

    def start(self, server):
        self.write(server)
        path = os.environ["PATH"] + ":/usr/sbin"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([shutil.which("pgbouncer", path=path), self.ini], stdout=log, stderr=log, cwd="/", **as_user())
        return self

    def point_to(self, server):
        self.write(server)
        self.process.send_signal(signal.SIGHUP)

    def logins(self, role):
        return self.log.read_text().count(f"login attempt: db=dance_lessons_coach user={role}")

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Service:
    """The service as a process. `environment` is its complete environment."""

    def __init__(self, where, name, command, environment):
        self.log, self.port = where[0] / f"{name}.log", int(environment["PORT"])
        self.url = f"http://127.0.0.1:{self.port}"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, cwd=where[0], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        where[1].append(self)

    def status(self, path):
        return request("GET", self.url + path)[0]

    def wait_until_ready(self, path="/api/ready"):
        until(f"{self.log.name} is ready", lambda: self.is_running() and self.status(path) == 200)
        return self

    def is_running(self):
        if self.process.poll() is not None:
            raise SystemExit(f"{self.log.name}: the service ended with {self.process.returncode}")
        return True

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def end(self, limit=LIMIT):
        """Sends SIGTERM and returns the exit code."""
        return self.process.wait(limit)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def request(method, url, body=None, headers=None, timeout=30):
    """Status, body and headers of the response; the status is 0 without a response."""
    asked = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=timeout) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read(), answer.headers
    except OSError as error:
        return 0, str(error).encode(), {}
