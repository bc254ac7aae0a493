// Makes npm.json, UserSigs by the vendor's own npm package, under a frozen
// clock. To make it again, in an empty folder outside of this repository:
//
//	npm install tls-sig-api-v2@1.0.2
//	NODE_PATH=$PWD/node_modules node REPOSITORY/sim/usersig/testdata/npm.js > REPOSITORY/sim/usersig/testdata/npm.json
//
// Another Node may deflate to other bytes; the claims stay the same. The
// package writes users' ids as they come, so some here are of a kind that
// CallKit refuses.
"use strict";

const { Api } = require("tls-sig-api-v2");

const zeros = "0".repeat(64);
const digits = "0123456789abcdef".repeat(4);
const mixed = "5f9c2b7a1e0d48c3960b7d2fe4a8c1135f9c2b7a1e0d48c3960b7d2fe4a8c113";
const odd = "pass wörd\n"; // no app has such a key, but HMAC takes any

const sigs = [];

function add(key, sdkappid, identifier, time, expire, userbuf) {
  Date.now = () => time * 1000;
  const api = new Api(sdkappid, key);
  const buf = typeof userbuf === "function" ? userbuf(api) : userbuf;
  sigs.push({
    key, sdkappid, identifier, time, expire,
    userbuf: buf === undefined ? null : Buffer.from(buf).toString("base64"),
    sig: api.genSig(identifier, expire, buf),
  });
}

const week = 604800;

for (const key of [digits, zeros, mixed, odd]) {
  add(key, 1400000001, "administrator", 1735689600, 86400);
  add(key, 88888888, "alice", 1704856873, week);
  add(key, 1400000001, "bob", 1735689600, 180 * 86400, Buffer.from("room 77"));
}
for (const id of ["a", "A-b_9", "x".repeat(32), "10001", "", "张三", "al ice", "a\"b\\c", "a\nTLS.sdkappid:1", "<&>\u2028", "😀"]) {
  add(mixed, 1400000001, id, 1767225600, week);
}
for (const app of [0, 1, 20000001, 1600000000, 4294967295]) {
  add(mixed, app, "administrator", 1767225600, week);
}
for (const [time, expire] of [[0, 0], [1, 1], [1767225600, 0], [1767225600, -1], [1767225600, 4294967296], [253402300799, week]]) {
  add(mixed, 1400000001, "administrator", time, expire);
}
for (const buf of ["", "text", Buffer.from([0, 255, 254, 10, 62, 63]), Buffer.alloc(1000, 7)]) {
  add(mixed, 1400000001, "alice", 1767225600, week, buf);
}
// What genPrivateMapKey and genPrivateMapKeyWithStringRoomID make.
add(mixed, 1400000001, "alice", 1767225600, week, (api) => api._genUserbuf("alice", 10000, week, 255, 0, null));
add(mixed, 1400000001, "alice", 1767225600, week, (api) => api._genUserbuf("alice", 0, week, 42, 0, "room-77"));

console.log("[\n" + sigs.map((s) => JSON.stringify(s)).join(",\n") + "\n]");
