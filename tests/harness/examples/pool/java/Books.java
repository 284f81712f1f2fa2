// A clean database from `bdd pool`, using only Java's standard library. Run by: bdd pool 2 -- java Books.java
// In JUnit, lease() belongs into @BeforeAll, reset() into @AfterEach and giveBack() into @AfterAll.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Pattern;

public class Books {
    static final HttpClient client = HttpClient.newHttpClient();

    static String ask(String method, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(System.getenv("BDD_POOL") + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body)).build();
        var answer = client.send(request, BodyHandlers.ofString());
        if (answer.statusCode() >= 300) throw new IllegalStateException(answer.body());
        return answer.body();
    }

    static String value(String json, String name) {
        var found = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        if (!found.find()) throw new IllegalStateException(name + " is missing: " + json);
        return found.group(1);
    }

    public static void main(String[] arguments) throws Exception {
        var leased = ask("POST", "/lease", "{\"pid\": " + ProcessHandle.current().pid() + "}");
        var slot = value(leased, "slot");
        var lease = "{\"lease\": \"" + value(leased, "lease") + "\"}";
        // With a driver: DriverManager.getConnection(value(leased, "jdbc_url")).
        for (var test = 1; test <= 3; test++) {
            var psql = new ProcessBuilder("psql", "-XqAtc", "insert into books (title) values ('Emma') returning id",
                value(leased, "database_url")).start();
            var id = new String(psql.getInputStream().readAllBytes()).trim();
            if (!id.equals("2")) throw new AssertionError("the id is " + id);
            ask("POST", "/slots/" + slot + "/reset", lease);
        }
        ask("DELETE", "/slots/" + slot, lease);
        System.out.println("3 tests passed on " + value(leased, "jdbc_url").split(":")[1]);
    }
}
