// RINGBACK=http://127.0.0.1:8080 node --test sandbox.test.mjs
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

const ask = async (method, path, body) => {
	const res = await fetch(process.env.RINGBACK + path, { method, body: body && JSON.stringify(body) });
	if (!res.ok) throw new Error(`${method} ${path}: ${await res.text()}`);
	return res.json();
};
const got = [];
const backend = createServer((req, res) => { // stands for the app backend under test
	got.push(new URL(req.url, "http://x").searchParams.get("command"));
	res.setHeader("Connection", "close").end('{"ErrorCode":0}');
});
let sandbox;
before(async () => {
	await new Promise((listening) => backend.listen(0, "127.0.0.1", listening));
	const callback = `http://127.0.0.1:${backend.address().port}/callback`;
	sandbox = await ask("POST", "/sim/v1/sandboxes", { callback, pace: "instant" });
});
after(() => ask("DELETE", sandbox.path).finally(() => backend.close()));

test("a call that is rejected ends", async () => {
	const call = await ask("POST", sandbox.path + "/calls", { outcome: "reject", generation: "v1" });
	assert.equal(call.number, 1); // no other suite calls here
	await ask("POST", sandbox.path + "/wait"); // until it is over and all is acknowledged
	assert.ok(got.includes("callee_reject_call") && got.includes("call_end"), got);
});
