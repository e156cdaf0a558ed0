import ts from "typescript";

/** The JavaScript that the page's scripts are written in at the most: what Safari 17 and Firefox 115 read, and younger ones. */
const TARGET = ts.ScriptTarget.ES2022;

/** What lowered `using` asks for, where a browser does not have it. */
const SYMBOLS = `Symbol.dispose??=Symbol("Symbol.dispose");Symbol.asyncDispose??=Symbol("Symbol.asyncDispose");\n`;

/**
 * A bundle in a form that older browsers read: `using` and whatever else is younger than ES2022 becomes plain statements that do
 * the same.
 *
 * @param code a script or a module
 * @throws {Error} if the compiler cannot read it
 */
export function lowered(code: string): string {
  const { outputText, diagnostics } = ts.transpileModule(code, {
    compilerOptions: { target: TARGET, module: ts.ModuleKind.ESNext, allowJs: true },
    fileName: "bundle.js",
    reportDiagnostics: true,
  });
  const faults = diagnostics?.filter(({ category }) => category === ts.DiagnosticCategory.Error) ?? [];
  if (faults.length > 0) {
    const { messageText } = faults[0];
    throw new Error(`Cannot lower the page's script: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
  }
  return SYMBOLS + outputText;
}

/** Syntax in a script that ES2022 does not have, a line for each kind; none where an ES2022 browser reads it. */
export function youngSyntax(code: string): string[] {
  const file = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS);
  const found = new Set<string>();
  const visit = (node: ts.Node) => {
    // `using` and `await using` are combinations of the bits of `let` and `const`
    const kind = ts.isVariableDeclarationList(node) ? node.flags & ts.NodeFlags.BlockScoped : 0;
    if (kind === ts.NodeFlags.Using || kind === ts.NodeFlags.AwaitUsing) found.add("using");
    if (ts.isRegularExpressionLiteral(node) && /v[a-z]*$/.test(node.text.slice(node.text.lastIndexOf("/") + 1))) {
      found.add("a regular expression with the flag v");
    }
    if (ts.isImportDeclaration(node) && node.attributes) found.add("import attributes");
    if (ts.canHaveDecorators(node) && (ts.getDecorators(node)?.length ?? 0) > 0) found.add("decorators");
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...found];
}
