// Small comforts; every page works without them.
"use strict";
document.documentElement.classList.add("has-script");

// A menu closes when one clicks beside it or presses Escape.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});

// The − and + beside a number field, and the arrow keys in it.
function step(field, by) {
  const number = Number.parseInt(field.value, 10);
  field.value = String(Math.max(0, (Number.isNaN(number) ? 0 : number) + by));
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button) step(document.getElementById(button.dataset.for), Number(button.dataset.step));
});
document.addEventListener("keydown", (event) => {
  const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!by || event.target.getAttribute("role") !== "spinbutton") return;
  event.preventDefault();
  step(event.target, by);
});

// One press is enough: a second click on a button that pays or orders does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-once]");
  if (!form) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
