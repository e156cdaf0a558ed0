import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

/** A page that is looked at, and what went wrong on it so far. */
export interface Visit extends AsyncDisposable {
  /** The page. */
  page: Page;
  /** Addresses that it asked for, but for its own. */
  requests: string[];
  /** What it wrote to the console as an error or warning, and errors that nobody caught. */
  errors: string[];
  /** What axe-core finds serious or critical, a line each: rule, what it says, where. */
  accessibilityFaults(): Promise<string[]>;
}

/** How a page is looked at. */
export interface Look {
  /** Width of the window in pixels; 1280 unless given. */
  width?: number;
  /** Height of the window in pixels; 800 unless given. */
  height?: number;
  /** Whether its user prefers dark colours. */
  dark?: boolean;
}

/** Longest wait for anything on a page: SwiftShader shares the processor with whatever else runs there. */
const PATIENCE_MS = 120_000;

/** Debian's Chromium, without a window; WebGL and WebGPU are computed by the processor. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /**
   * Starts it.
   *
   * @param options.webgpu whether it offers an adapter
   */
  static async open({ webgpu = true }: { webgpu?: boolean } = {}): Promise<TestBrowser> {
    return new TestBrowser(
      await chromium.launch({
        executablePath: "/usr/bin/chromium",
        // root may not have the sandbox
        args: [
          ...["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
          ...(webgpu ? ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"] : []),
        ],
      }),
    );
  }

  /** Opens an address, in a profile of its own, and waits until it is loaded. */
  async visit(address: string, { width = 1280, height = 800, dark = false }: Look = {}): Promise<Visit> {
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? "dark" : "light",
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const requests: string[] = [], errors: string[] = [];
    page.on("request", (request) => {
      const url = request.url();
      // what a page holds itself is asked of nobody
      if (url.split("#")[0] !== address.split("#")[0] && !/^(?:data|blob|about):/.test(url)) requests.push(url);
    });
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) errors.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => errors.push(`uncaught: ${error.message}`));
    await page.goto(address, { waitUntil: "load" });
    return {
      page,
      requests,
      errors,
      accessibilityFaults: () => accessibilityFaults(page),
      [Symbol.asyncDispose]: () => context.close(),
    };
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate("axe.run()") as axe.AxeResults;
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").flatMap((
    { id, help, nodes },
  ) => nodes.map(({ target }) => `${id}: ${help} at ${target.join(" ")}`));
}
