// Stores notes. It uses psql instead of a driver, so that the example needs no package: see README.md.
import { execFile } from "node:child_process";
import { createServer } from "node:http";

/** One query with its values as psql's variables; answers its rows. */
function query(sql, values = {}) {
  const variables = Object.entries(values).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
  const options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", ...variables, process.env.DATABASE_URL];
  return new Promise((resolve, reject) => {
    const psql = execFile("psql", options, (error, output) => {
      if (error) reject(error);
      else resolve(output.trim() === "" ? [] : output.trim().split("\n").map((row) => JSON.parse(row)));
    });
    psql.stdin.end(sql);
  });
}

const routes = {
  "GET /notes": async () => [200, await query("select row_to_json(n) from notes n order by id")],
  "POST /notes": async ({ text }) => {
    if (typeof text !== "string" || text === "") return [422, { error: "text is a text" }];
    const made = await query(
      "with made as (insert into notes (text) values (:'text') returning *) select row_to_json(made) from made",
      { text },
    );
    return [201, made[0]];
  },
};

const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const route = routes[`${request.method} ${request.url}`];
  let answer = [404, { error: "no such page" }];
  try {
    if (route) answer = await route(body === "" ? {} : JSON.parse(body));
  } catch (error) {
    console.error(error.message);
    answer = [500, { error: "it failed; the log has more" }];
  }
  response.writeHead(answer[0], { "content-type": "application/json" });
  response.end(JSON.stringify(answer[1]));
});

server.listen(Number(process.env.PORT), "127.0.0.1", () => {
  console.log(`listening on 127.0.0.1:${process.env.PORT}`);
});
