/** A child process that is asked by lines and answers by lines. */
export class LineProcess implements Disposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;
  readonly #name: string;

  /**
   * Starts it.
   *
   * @param name for messages
   * @param command program and arguments
   */
  constructor(name: string, command: readonly string[], options: Deno.CommandOptions = {}) {
    const [program, ...args] = command;
    this.#child = new Deno.Command(program, { stderr: "inherit", ...options, args, stdin: "piped", stdout: "piped" })
      .spawn();
    this.#name = name;
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param prefix of lines that are answers; others are passed over
   * @param limitMs how long it may take
   * @throws {Error} if the process ends, or takes longer
   */
  async ask(question: unknown, { prefix = "", limitMs }: { prefix?: string; limitMs?: number } = {}): Promise<string> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(question)}\n`)).catch(() => {}); // it has ended
    const late = Promise.withResolvers<never>();
    const seconds = (limitMs ?? 0) / 1000;
    const timer = limitMs === undefined
      ? undefined
      : setTimeout(() => late.reject(new Error(`took longer than ${seconds} s`)), limitMs);
    try {
      for (;;) {
        const { value, done } = await Promise.race([this.#lines.next(), late.promise]);
        if (done) throw new Error(`${this.#name} ended before it had answered`);
        if (value.startsWith(prefix)) return value.slice(prefix.length);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    try {
      this.#child.kill();
    } catch {
      return; // it has ended
    }
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}
