import { describe, expect, it } from "vitest";
import { matchingText } from "../../src/model/matching-text.js";

const any = (): boolean => true;

describe("matchingText", () => {
  it.each([
    ["^[A-Z0-9-]{3,20}$", "AAA"],
    ["^[a-z]+(-[a-z]+)*$", "a"],
    ["^(?!-0\\.00$)-?(0|[1-9]\\d{0,9})\\.\\d{2}$", "0.11"],
    ["^\\+[1-9]\\d{1,14}$", "+11"],
    ["^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$", "a@a.aa"],
    ["^(?:DE|AT|CH)\\d{4}$", "DE1111"],
    ["^(?<year>\\d{4})-(?<week>W\\d\\d)$", "1111-W11"],
    ["^\\p{Lu}\\p{Ll}+$", "Aa"],
    ["^\\u{1F600}$", "😀"],
    ["^\\x41\\u0042$", "AB"],
    ["^[\\]\\\\-]$", "-"],
    ["^(?=.*\\d)\\w{4}$", undefined],
    ["^(a)\\1$", undefined],
    ["^$", ""],
    ["x", "x"],
    ["", ""],
    ["(", undefined],
    ["^a{3}b?c*$", "aaa"],
    ["^https?://[\\w.]+(/.*)?$", "http://a"],
    ["^a$b", undefined],
  ])("%s", (pattern, expected) => {
    const text = matchingText(pattern, any);
    expect(text).toBe(expected);
    if (text !== undefined) expect(text).toMatch(new RegExp(pattern, "u"));
  });

  it("grows until the text is accepted", () => {
    expect(matchingText("^[a-z]+$", (text) => text.length >= 7)).toBe("aaaaaaa");
    expect(matchingText("^(ab|cde)$", (text) => text.length === 3)).toBe("cde");
    expect(matchingText("^[a-z]{1,3}$", (text) => text.length >= 7)).toBeUndefined();
  });

  it("gives up on patterns without end", () => {
    expect(matchingText("(((((((((a+)+)+)+)+)+)+)+)+)+", (text) => text.length > 100_000)).toBeUndefined();
    expect(matchingText(`${"(".repeat(1_000)}a${")".repeat(1_000)}`, any)).toBeUndefined();
    expect(matchingText("a{999999999}", any)).toBeUndefined();
  });
});
