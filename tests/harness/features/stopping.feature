@postgres
Feature: A service is stopped
  A service in any language is asked to stop by SIGTERM. The harness reports the service's own exit code, not that of the
  shell which started it, and waits only for processes that still run. Its probes leave no lines in the log.

  Background:
    Given the project's file "serve.py":
      """
      import http.server, json, signal, sys

      def stop(*_):
          print("bye", flush=True)
          sys.exit(7)

      class Handler(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              self.send_response(200)
              self.send_header("Content-Length", "0")
              self.end_headers()

          def log_message(self, *_):
              print(json.dumps({"request": self.requestline}), flush=True)

      signal.signal(signal.SIGTERM, stop)
      http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
      """

  Scenario Outline: The exit code is the service's: <run>
    Given the project's file "bdd.toml":
      """
      [service]
      run = "<run>"
      """
    And the project's file "features/stop.feature":
      """
      Feature: Stop
        Scenario: It stops
          When the service is asked to stop
          Then it exits with 7
          And the log contains "bye"
      """
    When I run bdd with "--config {{project}}/bdd.toml --database {{server}} --slots 1 {{project}}/features/stop.feature"
    Then it exits with 0

    Examples:
      | run                                            |
      | python3 serve.py {port}                        |
      | exec python3 serve.py {port}                   |
      | PLACE=here python3 serve.py {port}             |
      | PLACE=here exec python3 serve.py {port}        |
      | cd {root} && python3 serve.py {port}; true     |
      | sh -c 'exec python3 serve.py {port}'           |
      | while true; do python3 serve.py {port}; done   |

  Scenario Outline: The harness's probes aren't in the log, with ready = <ready>
    Given the project's file "bdd.toml":
      """
      [service]
      run   = "python3 serve.py {port}"
      ready = { <ready> }
      """
    And the project's file "features/log.feature":
      """
      Feature: Log
        Scenario: It was restarted
          When the service is restarted
          And I send GET "/books"
          Then the log has 1 line that contains:
            '''json
            {"request": "#string"}
            '''

        Scenario: It was asked for the same path
          When I send GET "/books"
          And I send GET "/"
          Then the log has 2 lines that contain:
            '''json
            {"request": "#string"}
            '''

        Scenario: It was asked to stop
          When I send GET "/"
          And the service is asked to stop
          Then it exits with 7
          And the log has 1 line that contains:
            '''json
            {"request": "#string"}
            '''
      """
    When I run bdd with "--config {{project}}/bdd.toml --database {{server}} --slots 1 {{project}}/features/log.feature"
    Then it exits with 0

    Examples:
      | ready         |
      | within = "1m" |
      | get = "/"     |
