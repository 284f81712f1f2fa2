Feature: Traces
  An operator can follow a request from the caller through the service into the database.
  The service sends its traces to an OpenTelemetry collector, and never waits for it.

  Rule: A trace shows what happened

    Scenario: A request, its waits and its statements are in the client's trace
      Given a collector that "answers"
      And a service of its own sends its traces there
      When that service is sent GET "/api/v1/pizzas?limit=3" in the trace "4bf92f3577b34da6a3ce929d0e0e4736" of "00f067aa0ba902b7"
      Then its answer is 200
      And the collector gets these spans of that trace:
        | name                           | kind     | parent                         |
        | GET /api/v1/pizzas             | server   | 00f067aa0ba902b7               |
        | wait for a database connection | internal | GET /api/v1/pizzas             |
        | SELECT pizzas                  | client   | GET /api/v1/pizzas             |
      And the span "GET /api/v1/pizzas" has the attributes:
        | name                      | value          |
        | http.request.method       | GET            |
        | http.route                | /api/v1/pizzas |
        | http.response.status_code | 200            |
        | url.path                  | /api/v1/pizzas |
        | url.scheme                | http           |
        | client.address            | 127.0.0.1      |
        | server.address            | 127.0.0.1      |
      And the span "SELECT pizzas" has the attributes:
        | name               | value  |
        | db.operation.name  | SELECT |
        | db.collection.name | pizzas |
        | db.query.summary   | SELECT pizzas |
      And each of its log lines about that request contains '"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"'

    @postgres
    Scenario: A statement names its database
      Given a collector that "answers"
      And a service of its own sends its traces there
      And I query:
        """
        select current_database() as namespace
        """
      And I save the query's "namespace" as "namespace"
      When that service is sent GET "/api/v1/pizzas"
      Then the collector gets a span "GET /api/v1/pizzas" without a parent
      And the span "SELECT pizzas" has the attributes:
        | name           | value         |
        | db.system.name | postgresql    |
        | db.namespace   | {{namespace}} |

    Scenario: A transaction is in the trace of its request, without values
      Given a collector that "answers"
      And a service of its own sends its traces there
      When that service is sent POST "/api/v1/users" in the trace "4bf92f3577b34da6a3ce929d0e0e4736" of "00f067aa0ba902b7" with:
        """
        { "username": "ada", "password": "left-foot-right-foot", "email": "ada@example.org" }
        """
      Then its answer is 201
      And the collector gets these spans of that trace:
        | name               | kind   | parent             |
        | POST /api/v1/users | server | 00f067aa0ba902b7   |
        | INSERT users       | client | POST /api/v1/users |
      And nothing that the collector got contains "left-foot-right-foot"
      And nothing that the collector got contains "ada@example.org"

    Scenario: A request without a trace starts one
      Given a collector that "answers"
      And a service of its own sends its traces there
      When that service is sent GET "/api/v1/categories/nobody"
      Then its answer is 400
      And the collector gets a span "GET /api/v1/categories/{id}" without a parent
      And each of its log lines about that request contains '"trace_id":"'

    Scenario: The trace names the service
      Given a collector that "answers"
      And a service of its own sends its traces there with:
        | name                     | value                       |
        | OTEL_SERVICE_NAME        | school-3                    |
        | OTEL_RESOURCE_ATTRIBUTES | team=ballroom,place=hall%201 |
      When that service is sent GET "/api/v1/pizzas"
      Then the collector gets a span "GET /api/v1/pizzas" without a parent
      And the collector knows of the service:
        | name         | value    |
        | service.name | school-3 |
        | team         | ballroom |
        | place        | hall 1   |

    Scenario: Without a collector, no spans are sent
      Given a collector that "answers"
      And a service of its own sends its traces there with:
        | name                 | value |
        | OTEL_TRACES_EXPORTER | none  |
      When that service is sent GET "/api/v1/pizzas"
      And that service is asked to stop, and ends
      Then the collector got nothing

  Rule: Pending spans are sent at the end

    Scenario: A stopping service sends its last spans
      Given a collector that "answers"
      And a service of its own sends its traces there with:
        | name                    | value  |
        | OTEL_BSP_SCHEDULE_DELAY | 600000 |
      When that service is sent GET "/api/v1/pizzas"
      And that service is asked to stop, and ends
      Then the collector gets a span "GET /api/v1/pizzas" without a parent

  Rule: No request waits for the collector

    Scenario Outline: Requests are answered and the service stops quickly: the collector <state>
      Given a collector that "<state>"
      And a service of its own sends its traces there
      When that service is sent 50 times GET "/api/v1/pizzas"
      Then its answer is 200
      And that service is asked to stop, and ends

      Examples:
        | state   |
        | hangs   |
        | is away |

    Scenario: Spans that can't be sent are reported once
      Given a collector that "is away"
      And a service of its own sends its traces there
      When that service is sent 3 times GET "/api/v1/pizzas"
      Then its log says "spans can't be sent to the OpenTelemetry collector" once

    Scenario Outline: gRPC is refused, and the message says what is possible: <name> is <value>
      Given the environment variable "<name>" is "<value>"
      When I run "<command>"
      Then it exits with 1
      And the output contains "<key>"
      And the output contains "<value>"
      And the output contains "port 4318"
      And the output contains "not supported"

      Examples:
        | name                               | value                       | key                       | command |
        | OTEL_EXPORTER_OTLP_PROTOCOL        | grpc                        | telemetry.protocol        | config  |
        | OTEL_EXPORTER_OTLP_PROTOCOL        | grpc                        | telemetry.protocol        | serve   |
        | OTEL_EXPORTER_OTLP_TRACES_PROTOCOL | grpc                        | telemetry.protocol        | config  |
        | OTEL_EXPORTER_OTLP_ENDPOINT        | http://collector:4317       | telemetry.endpoint        | config  |
        | OTEL_EXPORTER_OTLP_ENDPOINT        | https://collector:4317/otlp | telemetry.endpoint        | serve   |
        | OTEL_EXPORTER_OTLP_ENDPOINT        | grpc://collector:4318       | telemetry.endpoint        | config  |
        | OTEL_EXPORTER_OTLP_TRACES_ENDPOINT | http://[::1]:4317/v1/traces | telemetry.traces_endpoint | config  |

    Scenario Outline: A file without a certificate of the collector's authority stops the start: <path>
      Given "manifest" is the path of "Cargo.toml" in the project
      And the environment variable "OTEL_EXPORTER_OTLP_CERTIFICATE" is "<path>"
      And the environment variable "OTEL_EXPORTER_OTLP_ENDPOINT" is "https://127.0.0.1:1"
      When I run "serve"
      Then it exits with 1
      And the output contains "telemetry.certificate: "
      And the output contains "<message>"

      Examples:
        | path         | message                       |
        | {{manifest}} | there is no certificate in it |
        | nowhere.pem  | nowhere.pem: I/O error        |

    Scenario Outline: An invalid setting is refused: <name> is <value>
      Given the environment variable "<name>" is "<value>"
      When I run "config"
      Then it exits with 1
      And the output contains "<key>"

      Examples:
        | name                        | value          | key                   |
        | OTEL_EXPORTER_OTLP_ENDPOINT | localhost:4318 | telemetry.endpoint    |
        | OTEL_TRACES_EXPORTER        | console        | telemetry.exporter    |
        | OTEL_TRACES_SAMPLER         | sometimes      | telemetry.sampler     |
        | OTEL_TRACES_SAMPLER_ARG     | 1.5            | telemetry.sampler_arg |
