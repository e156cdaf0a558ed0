/// <reference lib="dom" />
// Ratings and notes of cases, kept in the browser and exported as CSV.

interface Rating {
  rating: string;
  note: string;
}

interface RatedCase {
  key: string;
  id: string;
  part: string;
  dice: number | null;
}

const data: { experiment: string; identity: string; cases: RatedCase[] } = JSON.parse(
  document.getElementById("page-data")!.textContent!,
);
const STORE = `dfdt ratings ${data.identity}`;
const nameOf = ({ part, id }: RatedCase) => `${part}\n${id}`;
const cases = new Map(data.cases.map((one) => [one.key, one]));

let ratings: Record<string, Partial<Rating> | undefined> = {};
try {
  ratings = JSON.parse(localStorage.getItem(STORE) ?? "{}");
} catch {
  // a browser may keep nothing for a page: ratings then last until it is left
}

const count = document.getElementById("rating-count");
const viewerRating = document.querySelector<HTMLSelectElement>("#viewer [data-rate]");
const viewerNote = document.querySelector<HTMLTextAreaElement>("#viewer-note");

function show(key: string): void {
  const { rating = "", note = "" } = ratings[nameOf(cases.get(key)!)] ?? {};
  const card = document.querySelector<HTMLElement>(`.card[data-case="${key}"]`);
  if (card) {
    card.dataset.rating = rating;
    card.querySelector<HTMLSelectElement>("[data-rate]")!.value = rating;
  }
  if (viewerRating?.dataset.rate === key) {
    viewerRating.value = rating;
    viewerNote!.value = note;
  }
  const rated = Object.values(ratings).filter((one) => one?.rating || one?.note).length;
  if (count) count.textContent = rated === 0 ? "" : `${rated} of ${cases.size} rated`;
}

function change(key: string, change: Partial<Rating>): void {
  const name = nameOf(cases.get(key)!);
  ratings[name] = { ...ratings[name], ...change };
  try {
    localStorage.setItem(STORE, JSON.stringify(ratings));
  } catch {
    // see above
  }
  show(key);
}

for (const select of document.querySelectorAll<HTMLSelectElement>("[data-rate]")) {
  select.addEventListener("change", () => change(select.dataset.rate!, { rating: select.value }));
}
viewerNote?.addEventListener("input", () => change(viewerRating!.dataset.rate!, { note: viewerNote.value }));
document.addEventListener("dfdt-case", (event) => {
  viewerRating!.dataset.rate = (event as CustomEvent<string>).detail;
  show(viewerRating!.dataset.rate);
});
for (const key of cases.keys()) show(key);

document.getElementById("export-ratings")?.addEventListener("click", () => {
  const quoted = (value: unknown) => {
    const text = String(value ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [["experiment", "fold", "case", "dice", "rating", "note"]];
  for (const one of cases.values()) {
    const { rating = "", note = "" } = ratings[nameOf(one)] ?? {};
    lines.push([data.experiment, one.part, one.id, one.dice === null ? "" : String(one.dice), rating, note]);
  }
  const text = lines.map((line) => line.map(quoted).join(",") + "\r\n").join("");
  const link = document.createElement("a");
  // a byte order mark, by which spreadsheets know the letters
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  link.download = `ratings-${data.experiment}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});

export {};
