/// <reference lib="dom" />
// The table of all cases: a head sorts, the fields above it filter.

const table = document.querySelector<HTMLTableElement>("#case-table");
if (table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead!.rows[0].cells].filter((head) => head.querySelector("button"));

  const valueOf = (row: HTMLTableRowElement, column: number) => {
    const cell = row.cells[column];
    if (!cell.classList.contains("number")) return cell.dataset.value!;
    return cell.dataset.value === "" ? NaN : Number(cell.dataset.value);
  };
  const names = new Intl.Collator(undefined, { numeric: true });

  const sort = (column: number, descending: boolean) => {
    const sorted = [...rows].sort((a, b) => {
      const x = valueOf(a, column), y = valueOf(b, column);
      // what is undefined comes last, whichever way
      if (typeof x === "number" && typeof y === "number") {
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
        return descending ? y - x : x - y;
      }
      return names.compare(String(x), String(y)) * (descending ? -1 : 1);
    });
    body.append(...sorted);
    for (const [i, head] of heads.entries()) {
      if (i === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  };
  for (const [column, head] of heads.entries()) {
    head.querySelector("button")!.addEventListener("click", () => {
      sort(column, head.getAttribute("aria-sort") === "ascending");
    });
  }

  const find = document.querySelector<HTMLInputElement>("#table-find")!;
  const ofClass = document.querySelector<HTMLSelectElement>("#table-class")!;
  const ofPart = document.querySelector<HTMLSelectElement>("#table-part");
  const count = document.querySelector<HTMLElement>("#table-count")!;
  const filter = () => {
    const wanted = find.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const { class: name = "", part = "" } = row.dataset;
      const text = `${row.cells[0].textContent} ${name} ${part}`.toLowerCase();
      const isIn = text.includes(wanted) && (ofClass.value === "" || ofClass.value === name) &&
        (!ofPart || ofPart.value === "" || ofPart.value === part);
      row.hidden = !isIn;
      if (isIn) shown++;
    }
    count.textContent = shown === rows.length ? `${shown} rows` : `${shown} of ${rows.length} rows`;
  };
  for (const field of [find, ofClass, ofPart]) field?.addEventListener("input", filter);
}

export {};
