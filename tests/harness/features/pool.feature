@postgres
Feature: Slots for any test runner
  A command that runs under `bdd pool` leases databases over HTTP, resets them, and gives them back.

  Rule: A lease is a clean database

    Scenario: A database is leased, proved, and given back
      Given the client "client.py":
        """
        import pool
        one, other = pool.Database(), pool.Database()
        assert {one.slot, other.slot} == {1, 2}, (one.slot, other.slot)
        assert one.url != other.url and one.url.startswith("postgres")
        answer = one.reset()
        assert answer["recloned"] is False and answer["reset_ms"] >= 0, answer
        assert one.prove() == {"clean": True}
        one.release()
        assert pool.Database(wait="1m").slot == one.slot
        print("all is well")
        """
      When I run a pool with "2 -- python3 {{clients}}/client.py"
      Then it exits with 0
      And the output contains "all is well"

    Scenario: A changed schema costs a clone, which has the same URL
      Given the client "client.py":
        """
        import os, pool, subprocess
        database = pool.Database()
        def sql(text):
            return subprocess.run(["psql", "--no-psqlrc", "-qAtc", text, database.owner_url], check=True, capture_output=True, text=True).stdout.strip()
        sql("insert into users (id, username) values ('1', 'ada')")
        found = database.prove()
        assert found["clean"] is False and "users" in found["difference"], found
        assert database.reset()["recloned"] is False
        assert sql("select count(*) from users") == "0"
        sql("create table more (id int)")
        answer = database.reset()
        assert answer["recloned"] is True, answer
        assert answer["database_url"] == database.url, answer
        assert sql("select to_regclass('more') is null") == "t"
        assert database.prove() == {"clean": True}
        print("all is well")
        """
      When I run a pool with "1 -- python3 {{clients}}/client.py"
      Then the output contains "all is well"
      And it exits with 0

  Rule: A pool ends with its command

    Scenario Outline: The pool's exit code is the command's: <command>
      Given the client "client.py":
        """
        """
      When I run a pool with "1 -- <command>"
      Then it exits with <code>

      Examples:
        | command                 | code |
        | sh -c 'exit 7'          | 7    |
        | true                    | 0    |
        | sh -c 'kill -s KILL $$' | 137  |
        | /no/such/program        | 127  |
        | {{clients}}             | 126  |

    Scenario Outline: What the command has started ends too: <signal> to <whom>
      Given the client "client.py":
        """
        import os, signal, time
        parent = os.getppid()
        stat = open(f"/proc/{parent}/stat").read()
        pool = int(stat.rpartition(")")[2].split()[1])
        os.kill({"the pool": pool, "the command": parent}["<whom>"], signal.<signal>)
        time.sleep(600)
        """
      When I run a pool with "1 -- sh -c 'python3 {{clients}}/client.py; true'"
      Then it exits with <code>
      And no process has "{{clients}}/client.py" in its command line

      Examples:
        | signal  | whom        | code |
        | SIGTERM | the pool    | 143  |
        | SIGKILL | the command | 137  |

  Rule: A slot is never lost

    Scenario: The owner of a lease is killed
      Given the client "client.py":
        """
        import os, pool, signal, subprocess, sys
        code = "import json, os, urllib.request as u; print(u.urlopen(u.Request(os.environ['BDD_POOL'] + '/lease', b'', method='POST')).read().decode(), flush=True); input()"
        child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert b'"slot":1' in child.stdout.readline()
        try:
            pool.Database(wait="100ms")
            sys.exit("there was a free slot")
        except pool.Refused as refused:
            assert refused.status == 503 and str(child.pid) in str(refused), refused
        child.kill()
        database = pool.Database(wait="1m")
        assert database.prove() == {"clean": True}
        print("all is well")
        """
      When I run a pool with "1 -- python3 {{clients}}/client.py"
      Then the output contains "all is well"
      And the output contains "slot 1 is free again: its owner, process"
      And it exits with 0

    Scenario: The request that has waited longest gets the next slot
      Given the client "client.py":
        """
        import pool, threading
        first = pool.Database()
        seen = []
        waiting = threading.Thread(target=lambda: seen.append(pool.Database(wait="1m").slot))
        waiting.start()
        first.release()
        waiting.join()
        assert seen == [1], seen
        print("all is well")
        """
      When I run a pool with "1 -- python3 {{clients}}/client.py"
      Then the output contains "all is well"

  Rule: Errors are JSON

    Scenario: Wrong leases, slots and parameters
      Given the client "client.py":
        """
        import pool
        def refused(status, text, method, path, **body):
            try:
                pool.ask(method, path, **body)
                raise SystemExit(f"{method} {path} was done")
            except pool.Refused as error:
                assert error.status == status and text in str(error), error
        database = pool.Database()
        refused(409, "isn't the lease of slot 1", "POST", "/slots/1/reset", lease="wrong")
        refused(409, "isn't the lease of slot 1", "DELETE", "/slots/1", lease="wrong")
        refused(404, "there is no slot 7", "POST", "/slots/7/reset")
        refused(400, "unknown field `leese`", "POST", "/slots/1/reset", leese="x")
        refused(400, "unknown field", "POST", "/lease?wate=1s")
        refused(400, "isn't a duration", "POST", "/lease", wait="soon")
        refused(422, "there is no process 999999999", "POST", "/lease", pid=999999999)
        refused(404, "POST /lease", "GET", "/nothing")
        refused(405, "POST /lease", "PUT", "/lease")
        database.release()
        refused(409, "isn't leased", "POST", "/slots/1/reset", lease=database.lease)
        refused(409, "isn't leased", "DELETE", "/slots/1")
        print("all is well")
        """
      When I run a pool with "1 -- python3 {{clients}}/client.py"
      Then the output contains "all is well"
      And it exits with 0

    Scenario: A pool needs a command and a number
      Given the client "client.py":
        """
        """
      When I run a pool with "0 -- true"
      Then it exits with 2
      When I run a pool with "2"
      Then it exits with 2
      And the output contains "COMMAND"
