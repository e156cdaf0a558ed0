import { readFile } from "node:fs/promises";
import { timingSafeEqual } from "node:crypto";
import { livePage } from "./live_page.tsx";
import { RunFollower } from "./run_follower.ts";

/** A page that follows a run. */
export interface LiveServer {
  /** Its address, with the token that it answers to. */
  address: string;
  /** Ends it. */
  close(): Promise<void>;
}

/** Nothing is loaded from elsewhere, nothing is shown within another page, nothing is kept. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * Serves a page that follows the last run of a folder, to this machine alone: on the loopback interface, at a port that the system
 * chooses, to whoever has the token in the address. Requests for another host, as of a name that was made to lead here, and
 * those of other pages are refused.
 *
 * @throws {UserError} if there is nothing to follow
 */
export async function serveLive(dir: string): Promise<LiveServer> {
  const follower = new RunFollower(dir);
  const page = await livePage();
  const token = crypto.getRandomValues(new Uint8Array(18)).toBase64({ alphabet: "base64url" });
  let hosts: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const refusal = refused(request, hosts, token);
    if (refusal) return new Response(refusal, { status: 403, headers: HEADERS });
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.slice(token.length + 2);
    const answer = (body: BodyInit, type: string) =>
      new Response(body, { headers: { ...HEADERS, "content-type": type } });
    if (path === "") return answer(page, "text/html; charset=utf-8");
    if (path === "state") {
      const number = (name: string) => Number(searchParams.get(name) ?? 0) || 0;
      const query = { training: searchParams.get("training") ?? undefined, have: number("have"), last: number("last") };
      return answer(JSON.stringify(await follower.state(query)), "application/json");
    }
    const picture = follower.picture(path);
    const bytes = picture && await readFile(picture).catch(() => undefined);
    if (bytes) return answer(new Uint8Array(bytes), "image/png");
    return new Response("There is nothing here", { status: 404, headers: HEADERS });
  });
  const { port } = server.addr as Deno.NetAddr;
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return { address: `http://127.0.0.1:${port}/${token}/`, close: () => server.shutdown() };
}

/** Why a request is not answered; nothing for one that is. */
function refused(request: Request, hosts: readonly string[], token: string): string | undefined {
  if (request.method !== "GET") return "This page is only read";
  const { headers, url } = request;
  if (!hosts.includes(headers.get("host") ?? "")) return "This page is for the loopback address alone";
  const origin = headers.get("origin");
  if (origin !== null && !hosts.some((host) => origin === `http://${host}`)) return "This page is for no other page";
  if (!["none", "same-origin", null].includes(headers.get("sec-fetch-site"))) return "This page is for no other page";
  const given = new TextEncoder().encode(new URL(url).pathname.split("/")[1]), wanted = new TextEncoder().encode(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? undefined : "The address lacks its token";
}
