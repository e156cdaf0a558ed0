/** What tests of operators use of `node:assert/strict`, for those that run in a browser. */
export const browserAssert = {
  ok(value: unknown, message = `expected a true value, found ${value}`): void {
    if (!value) throw new Error(message);
  },
  equal(found: unknown, expected: unknown, message = ""): void {
    if (!Object.is(found, expected)) throw new Error(`${message}: expected ${expected}, found ${found}`);
  },
  deepEqual(found: unknown, expected: unknown, message = ""): void {
    const [a, b] = [found, expected].map(inWords);
    if (a !== b) throw new Error(`${message}: expected ${b}, found ${a}`);
  },
  throws(body: () => unknown, expected: { message?: string | RegExp } | RegExp = {}): void {
    const wanted = expected instanceof RegExp ? expected : expected.message;
    let message: string;
    try {
      body();
    } catch (error) {
      message = (error as Error).message;
      if (wanted === undefined || (typeof wanted === "string" ? wanted === message : wanted.test(message))) return;
      throw new Error(`expected an error "${wanted}", found "${message}"`);
    }
    throw new Error(`expected an error "${wanted ?? ""}", found none`);
  },
};

/** A value with its type, numbers to the bit: -0 is not 0. */
function inWords(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Map) return `Map${inWords([...value])}`;
  if (value instanceof Set) return `Set${inWords([...value])}`;
  if (ArrayBuffer.isView(value)) return value.constructor.name + inWords(Array.from(value as unknown as number[]));
  if (Array.isArray(value)) return `[${value.map(inWords).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? String(value);
  return `{${Object.entries(value).map(([key, one]) => `${key}:${inWords(one)}`).join()}}`;
}
