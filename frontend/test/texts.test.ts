import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { listed, text } from "../src/texts.ts";
import english from "../src/texts/en.json" with { type: "json" };
import chinese from "../src/texts/zh-Hans.json" with { type: "json" };

const placeholders = (said: string) => [...said.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages say the same", () => {
  assert.deepEqual(Object.keys(chinese), Object.keys(english));
  for (const [key, said] of Object.entries(english)) {
    assert.deepEqual(placeholders(chinese[key as keyof typeof chinese]), placeholders(said), key);
    assert.ok(said.trim() === said && said, key);
  }
});

test("Chinese texts have Chinese characters and punctuation", () => {
  for (const [key, said] of Object.entries(chinese)) {
    assert.match(said.replace(/\{\w+\}/g, "桩"), /[\u4e00-\u9fff]/, key);
    assert.doesNotMatch(said, /[\u4e00-\u9fff][,:;(]|[,:;(][\u4e00-\u9fff]/, key);
  }
});

test("no text is left over", () => {
  const folder = new URL("../src/", import.meta.url);
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("");
  const unused = Object.keys(english).filter((key) => !new RegExp(`["\`]${key}["\`]`).test(sources));
  assert.deepEqual(unused, []);
});

test("texts are filled in, in the language of the user or else in English", () => {
  assert.equal(text("zh-Hant", "gun", { number: 2 }), "2 号枪");
  assert.equal(text("de", "gun", { number: 2 }), "Gun 2");
});

test("many names are said by their number", () => {
  assert.equal(listed("en", ["Yard"]), "Yard");
  assert.equal(listed("de", ["Yard", "Garage"]), "Yard and Garage");
  assert.equal(listed("zh-Hans", ["院子", "车库"]), "院子和车库");
  assert.equal(listed("en", ["A", "B", "C", "D"]), "A, B, C, and D");
  assert.equal(listed("en", ["A", "B", "C", "D", "E"]), "A, B, C, and 2 more");
  assert.equal(listed("zh-Hans", ["A", "B", "C", "D", "E"]), "A、B、C和另外 2 台");
});
