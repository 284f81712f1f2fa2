// A clean database for every test, from `bdd pool`. Run by: bdd pool 2 -- mvn test
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class BooksTest {
    static final HttpClient client = HttpClient.newHttpClient();
    static String slot, lease;
    static Connection database;

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

    @BeforeAll
    static void leaseSlot() throws Exception {
        var leased = ask("POST", "/lease", "{\"pid\": " + ProcessHandle.current().pid() + "}");
        slot = "/slots/" + value(leased, "slot");
        lease = "{\"lease\": \"" + value(leased, "lease") + "\"}";
        database = DriverManager.getConnection(value(leased, "jdbc_url"));
    }

    @AfterEach
    void reset() throws Exception {
        ask("POST", slot + "/reset", lease);
    }

    @AfterAll
    static void giveBack() throws Exception {
        database.close();
        ask("DELETE", slot, lease);
    }

    static String query(String sql) throws Exception {
        try (var statement = database.createStatement(); var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @RepeatedTest(3)
    void theNextBookIsTheSecond() throws Exception {
        assertEquals("2", query("insert into books (title) values ('Emma') returning id"));
    }

    @Test
    void aReferenceRowMayBeDeleted() throws Exception {
        assertEquals("Faust", query("delete from books returning title"));
    }
}
