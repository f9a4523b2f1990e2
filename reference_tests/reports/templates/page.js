"use strict";
for (const root of document.querySelectorAll(".convcheck:not([data-alive])")) {
  root.dataset.alive = "";
  const all = (selector, from = root) => [...from.querySelectorAll(selector)];

  // arrow keys, the pointer: one place in all three maps, and its window in the drawn case
  for (const maps of all(".maps[data-at]")) {
    const tables = all(".map", maps), grids = tables.map((t) => all("tbody tr", t).map((row) => all("td", row)));
    const heads = [all("tbody th", tables[0]), all("thead th", tables[0])].map((h) => h.map((one) => Number(one.textContent)));
    const at = maps.dataset.at.split(",").map(Number), drawn = maps.parentElement.querySelector(":scope > .case svg[data-follows]");
    const line = maps.querySelector(".place");
    let row = Math.max(0, heads[0].indexOf(at.length > 1 ? at.at(-2) : 0)), column = Math.max(0, heads[1].indexOf(at.at(-1)));

    const show = (r, c, say = true) => {
      if (!grids[0][r] || !grids[0][r][c]) return;
      for (const cell of all(".at", maps)) cell.classList.remove("at");
      [row, column] = [r, c];
      for (const grid of grids) grid[r][c].classList.add("at");
      const place = [...at.slice(0, -2), ...(at.length > 1 ? [heads[0][r]] : []), heads[1][c]].join(", ");
      const texts = tables.map((t, k) => `${t.caption.textContent} ${grids[k][r][c].firstChild.textContent}`);
      if (say) line.textContent = `${maps.dataset.what}[${place}]: ${texts.join(" · ")}`;
      const box = drawn && drawn.querySelector(".window");
      if (box) {
        box.setAttribute("y", heads[0][r] * drawn.dataset.stride * drawn.dataset.u);
        box.setAttribute("x", heads[1][c] * drawn.dataset.stride * drawn.dataset.u);
      }
    };
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    maps.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      show(row + step[0], column + step[1]);
    });
    maps.addEventListener("focus", () => show(row, column));
    for (const grid of grids) grid.forEach((cells, r) => cells.forEach((cell, c) => cell.addEventListener("pointerenter", () => show(r, c))));
  }

  for (const button of all("button.copy")) {
    button.addEventListener("click", async () => {
      const command = button.parentElement.querySelector("code"), said = document.getElementById("said");
      try {
        await navigator.clipboard.writeText(command.textContent);
      } catch { // a page from a file may not: the command is selected, so that Ctrl-C copies it
        getSelection().selectAllChildren(command);
        document.execCommand("copy");
      }
      const word = button.textContent;
      button.textContent = button.dataset.done;
      if (said) said.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = word; if (said) said.textContent = ""; }, 1500);
    });
  }

  const details = all("details.check"), switched = (open) => () => details.forEach((d) => { d.open = open; });
  root.querySelector("#open-all")?.addEventListener("click", switched(true));
  root.querySelector("#close-all")?.addEventListener("click", switched(false));
  if (root.classList.contains("page")) {
    const target = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
    addEventListener("hashchange", target);
    target();
  }
}
