/// <reference lib="dom" />
// Light or dark as the reader's system has it, until the reader chooses. Copies what a button names. On paper nothing is folded.

const KEY = "dfdt scheme";
const root = document.documentElement;

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser may keep nothing for a page
  }
}

const chosen = remembered();
if (chosen) root.dataset.scheme = chosen;
document.getElementById("scheme")?.addEventListener("click", () => {
  const isDark = root.dataset.scheme
    ? root.dataset.scheme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.scheme = isDark ? "light" : "dark";
  try {
    localStorage.setItem(KEY, root.dataset.scheme);
  } catch {
    // it holds until the page is left
  }
});

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy!)!.textContent!;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection()!.selectAllChildren(document.getElementById(button.dataset.copy!)!);
      button.textContent = "Selected";
    }
  });
}

addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});

export {};
