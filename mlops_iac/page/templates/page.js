"use strict";
// All that the page tells is there without this: it sorts, filters and shows local times.
for (const time of document.querySelectorAll("time")) {
  const at = new Date(time.dateTime);
  if (isNaN(at)) continue;
  time.title = time.textContent;
  const two = (value) => String(value).padStart(2, "0");
  time.textContent = at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate()) + " " +
    [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
}
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.querySelector("header p").append(" (times: " + zone + ")");

const valueOf = (cell) => cell.dataset.value ?? cell.textContent.trim();
const compare = (a, b) => {
  if (a === "" || b === "") return (a === "") - (b === "");
  const difference = Number(a) - Number(b);
  return isNaN(difference) ? a.localeCompare(b) : difference;
};
const sort = (table, index, head) => {
  const descends = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descends ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows].sort((a, b) =>
    compare(valueOf(a.cells[index]), valueOf(b.cells[index])) * (descends ? -1 : 1));
  table.tBodies[0].append(...rows);
};
for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    if ("picture" in head.dataset) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, index, head));
    head.append(button);
  });
}
for (const input of document.querySelectorAll("input[data-filters]")) {
  const rows = [...document.getElementById(input.dataset.filters).tBodies[0].rows];
  const tool = input.closest(".tool");
  tool.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    tool.querySelector("output").textContent = rows.filter((row) => !row.hidden).length + " of " + rows.length;
  });
}
// What is folded would be missing on paper.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
