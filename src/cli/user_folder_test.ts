import assert from "node:assert/strict";
import { userFolder } from "./user_folder.ts";

const PROJECT = "/home/ann/dfdt";

Deno.test("userFolder() takes what ./dfdt hands on, wherever the process stands", () => {
  for (const cwd of [PROJECT, "/elsewhere"]) {
    assert.equal(userFolder({ DFDT_CWD: "/data", INIT_CWD: "/stale" }, cwd, PROJECT), "/data");
  }
});

Deno.test("userFolder() takes INIT_CWD in the project's folder alone, where deno task has gone", () => {
  assert.equal(userFolder({ INIT_CWD: "/data" }, `${PROJECT}/`, PROJECT), "/data");
  assert.equal(userFolder({ INIT_CWD: "/stale" }, "/elsewhere", PROJECT), "/elsewhere");
  assert.equal(userFolder({}, "/elsewhere", PROJECT), "/elsewhere");
  assert.equal(userFolder({ DFDT_CWD: "", INIT_CWD: "" }, PROJECT, PROJECT), PROJECT);
});
