/// <reference lib="dom" />
// Light or dark as the user's system has it, until the user chooses.

const KEY = "dfdt scheme";

/** Shows the page as it was chosen. */
export function useScheme(): void {
  try {
    const chosen = localStorage.getItem(KEY);
    if (chosen) document.documentElement.dataset.scheme = chosen;
  } catch {
    // a browser may keep nothing for a page
  }
}

/** Light instead of dark, or dark instead of light. */
export function nextScheme(): void {
  const { dataset } = document.documentElement;
  const isDark = dataset.scheme ? dataset.scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  dataset.scheme = isDark ? "light" : "dark";
  try {
    localStorage.setItem(KEY, dataset.scheme);
  } catch {
    // it holds until the page is left
  }
}
