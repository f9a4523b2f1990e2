"use strict";
// the map of students and mistakes: only the rows in view are drawn
const { mistakes, rows, words } = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id), grid = $("grid"), HEIGHT = 26, SPARE = 12;
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const make = (tag, props = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), props);
  made.append(...inside);
  return made;
};
const about = (j) => ({ number: j + 1, component: mistakes[j][0], text: mistakes[j][1] });
const cells = rows.map((row) => {
  const found = new Map();
  for (let k = 0; k < row[5].length; k += 3) found.set(row[5][k], [row[5][k + 1], row[5][k + 2]]);
  return found;
});
const byName = new Intl.Collator(document.documentElement.lang, { numeric: true });
let shared = null, shown = [], from = -1, at = [0, 0]; // at: the row among those shown, -1 the head; the column, 0 the name

const head = make("tr", { role: "row" },
  make("th", { scope: "col", textContent: words.name }), make("th", { scope: "col", textContent: words.points }),
  ...mistakes.map((_, j) => make("th", { scope: "col" }, make("button", {
    type: "button", textContent: j + 1, title: say(words.column, about(j)), ariaLabel: say(words.column, about(j)),
    ariaPressed: "false", tabIndex: -1, onclick: () => share(shared === j ? null : j),
  }))));
const body = make("tbody");
grid.append(make("table", { role: "grid" }, make("thead", {}, head), body));
grid.firstChild.setAttribute("aria-labelledby", "map");

const row = (k) => {
  const i = shown[k], [name, page, score, outcome, late] = rows[i];
  const link = make("a", { href: `students/${encodeURIComponent(page)}.html`, textContent: name, title: name, tabIndex: -1 });
  const first = make("th", { scope: "row" }, link);
  if (late) first.append(" ", make("span", { className: "late", textContent: words.late }));
  const points = make("td", { className: "n", textContent: score === null ? "–" : score, title: outcome });
  const made = make("tr", { role: "row", ariaRowIndex: k + 2 }, first, points);
  for (let j = 0; j < mistakes.length; j++) {
    const cell = cells[i].get(j);
    made.append(make("td", cell ? { className: `s${cell[0]}`, tabIndex: -1, ariaLabel: `−${cell[1]}` } : { tabIndex: -1 }));
  }
  return made;
};
const spacer = (count) => make("tr", { style: `height:${count * HEIGHT}px` });

function draw(always = false) {
  const first = Math.max(0, Math.floor(grid.scrollTop / HEIGHT) - SPARE);
  if (!always && Math.abs(first - from) < SPARE / 2) return;
  from = first;
  const last = Math.min(shown.length, first + Math.ceil(grid.clientHeight / HEIGHT) + 2 * SPARE);
  const drawn = [];
  for (let k = first; k < last; k++) drawn.push(row(k));
  body.replaceChildren(spacer(first), ...drawn, spacer(shown.length - last));
  mark(false);
}

const element = () => {
  const line = at[0] < 0 ? head : body.rows[at[0] - from + 1], cell = line && line.cells[at[1]];
  return cell && (cell.querySelector("a, button") || cell);
};
function mark(focus = true) {
  for (const one of grid.querySelectorAll('[tabindex="0"]')) one.tabIndex = -1;
  const one = element();
  if (!one) return;
  one.tabIndex = 0;
  if (focus) one.focus({ preventScroll: true });
}
function tell(k, column) {
  const j = column - 2;
  if (k < 0 || j < 0 || shown[k] === undefined) { $("place").textContent = ""; return; }
  const cell = cells[shown[k]].get(j), name = rows[shown[k]][0];
  $("place").textContent = say(cell ? words.cell : words.none, { name, points: cell && cell[1], ...about(j) });
}
function move(line, column) {
  at = [Math.min(shown.length - 1, Math.max(-1, line)), Math.min(mistakes.length + 1, Math.max(0, column))];
  if (at[0] >= 0) {
    const top = at[0] * HEIGHT, room = grid.clientHeight - 2 * HEIGHT;
    if (top < grid.scrollTop) grid.scrollTop = top;
    if (top > grid.scrollTop + room) grid.scrollTop = top - room;
  }
  draw(at[0] >= 0 && !body.rows[at[0] - from + 1]);
  mark();
  element()?.scrollIntoView({ block: "nearest", inline: "nearest" });
  tell(...at);
}

function share(j) {
  shared = j;
  for (const one of document.querySelectorAll("button[aria-pressed]")) one.ariaPressed = "false";
  if (j !== null) {
    const title = head.cells[j + 2] && head.cells[j + 2].firstChild;
    if (title) title.ariaPressed = "true";
    for (const one of document.querySelectorAll(`.who[data-mistake="${j}"]`)) one.ariaPressed = "true";
  }
  apply();
}
function apply() {
  const wanted = $("search").value.toLowerCase(), order = $("order").value;
  shown = [...rows.keys()].filter((i) => rows[i][0].toLowerCase().includes(wanted) && (shared === null || cells[i].has(shared)));
  const worth = (i) => (rows[i][2] === null ? -1 : rows[i][2]);
  if (order === "name") shown.sort((a, b) => byName.compare(rows[a][0], rows[b][0]));
  else shown.sort((a, b) => (order === "low" ? worth(a) - worth(b) : worth(b) - worth(a)));
  grid.firstChild.ariaRowCount = shown.length + 1;
  const values = { n: shown.length, all: rows.length, ...(shared === null ? {} : about(shared)) };
  $("shown").textContent = say(shared !== null ? words.share : shown.length < rows.length ? words.some : words.all, values);
  $("everybody").hidden = shared === null && !wanted;
  at = [0, 0];
  grid.scrollTop = 0;
  draw(true);
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-20, 0], PageDown: [20, 0] };
grid.addEventListener("keydown", (event) => {
  const step = STEPS[event.key] || { Home: [0, -1e4], End: [0, 1e4] }[event.key];
  if (!step) return;
  event.preventDefault();
  const line = at[0] + step[0];
  move(at[0] >= 0 && Math.abs(step[0]) > 1 ? Math.max(0, line) : line, at[1] + step[1]);
});
const place = (target) => {
  const cell = target.closest("th, td"), line = cell && cell.parentElement;
  if (!line || cell.cellIndex < 0) return null;
  return line === head ? [-1, cell.cellIndex] : [line.rowIndex - 2 + from, cell.cellIndex];
};
grid.addEventListener("pointerover", (event) => { const found = place(event.target); if (found) tell(...found); });
grid.addEventListener("focusin", (event) => {
  const found = place(event.target);
  if (found && (found[0] !== at[0] || found[1] !== at[1])) { at = found; mark(false); tell(...at); }
});
grid.addEventListener("click", (event) => {
  const found = place(event.target);
  if (found && event.target.tagName === "TD") move(...found);
});
grid.addEventListener("scroll", () => draw(), { passive: true });
addEventListener("resize", () => draw(true));
for (const one of document.querySelectorAll(".who")) {
  one.addEventListener("click", () => {
    const j = Number(one.dataset.mistake);
    share(shared === j ? null : j);
    if (shared !== null) $("map").scrollIntoView();
  });
}
$("search").addEventListener("input", apply);
$("order").addEventListener("input", apply);
$("everybody").addEventListener("click", () => { $("search").value = ""; share(null); });
apply();
