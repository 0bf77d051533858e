// Active users: tick everybody on the page, and say how many are ticked. The form works without it.
"use strict";
for (const form of document.querySelectorAll("[data-selection]")) {
  const all = form.querySelector("[data-selection-all]");
  const said = form.querySelector("[data-selection-count]");
  const boxes = [...form.querySelectorAll("input[name=person]")];
  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    said.textContent = ticked ? `${ticked} selected` : "Tick users to change several at once.";
    form.classList.toggle("has-selection", ticked > 0);
  };
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    tell();
  });
  window.addEventListener("pageshow", tell);
}
