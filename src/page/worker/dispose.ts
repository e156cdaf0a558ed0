// Symbols for `using` where a browser does not have them yet; what is bundled falls back on the same ones.
for (const name of ["dispose", "asyncDispose"]) {
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol.for(`Symbol.${name}`) });
}
