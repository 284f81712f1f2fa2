// A clean database for every test, from `bdd pool`. Run by: bdd pool 4 -- node --test
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, afterEach, before, test } from "node:test";

async function ask(method, path, body) {
  const answer = await fetch(process.env.BDD_POOL + path, { method, body: JSON.stringify(body) });
  const json = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(`${answer.status}: ${json.error}`);
  return json;
}

let slot;
before(async () => { slot = await ask("POST", "/lease", { pid: process.pid }); });
afterEach(() => ask("POST", `/slots/${slot.slot}/reset`, { lease: slot.lease }));
after(() => ask("DELETE", `/slots/${slot.slot}`, { lease: slot.lease }));

// psql, because this example needs no package; with `pg` it is new Client({ connectionString: slot.database_url }).
const sql = (text) => execFileSync("psql", ["-XqAtc", text, slot.database_url], { encoding: "utf8" }).trim();

for (const title of ["Emma", "Persuasion", "Sanditon"]) {
  test(`${title} is the second book`, () => {
    assert.equal(sql(`insert into books (title) values ('${title}') returning id`), "2");
  });
}

test("a reference row may be deleted", () => {
  assert.equal(sql("delete from books returning title"), "Faust");
});
