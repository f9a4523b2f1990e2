// the window steps over the smallest case: by the slider (arrow keys), or by itself
for (const box of document.querySelectorAll(".convcheck .steps:not([data-alive])")) {
  box.dataset.alive = "";
  const steps = JSON.parse(box.dataset.steps), slider = box.querySelector("input"), button = box.querySelector("button");
  const window_ = box.querySelector(".window"), texts = [...box.querySelectorAll("svg text")], said = box.querySelector(".said-step");
  const unit = Number(box.dataset.u), tables = [...box.querySelectorAll("table.map")];
  let timer = 0;

  const show = (number) => {
    const step = steps[number];
    slider.value = number;
    slider.setAttribute("aria-valuetext", `${number + 1} / ${steps.length}: ${step.text}`);
    window_.setAttribute("x", step.column * unit);
    window_.setAttribute("y", step.row * unit);
    if (step.left) texts.forEach((text, k) => { text.textContent = step.left.flat()[k]; });
    for (const cell of box.querySelectorAll(".at")) cell.classList.remove("at");
    if (step.at) for (const table of tables) table.tBodies[0].rows[step.at[0]].cells[step.at[1]].classList.add("at");
    said.textContent = `${number + 1} / ${steps.length}  ${step.text}`;
  };
  const stop = () => { clearInterval(timer); timer = 0; button.textContent = button.dataset.play; };
  const play = () => {
    if (Number(slider.value) === steps.length - 1) show(0);
    button.textContent = button.dataset.pause;
    timer = setInterval(() => {
      const next = Number(slider.value) + 1;
      if (next >= steps.length) stop(); else show(next);
    }, 900);
  };
  button.addEventListener("click", () => (timer ? stop() : play()));
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  show(0);
}
