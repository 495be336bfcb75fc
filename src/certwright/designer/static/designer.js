// Refines pages that work without it: windows, menus, copy buttons, what a reader is told.
"use strict";

const announcement = document.getElementById("announcement");

function announce(sentence) {
  announcement.textContent = sentence;
}

// Windows: htmx brings a <dialog>; as a modal one the browser keeps the focus in it, and gives
// the focus back to what opened it when it is closed.
function openWindow(dialog) {
  const opener = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    opener?.focus();
  });
  dialog.showModal();
  focusWithin(dialog);
}

function focusWithin(body) {
  const heading = body.querySelector("h1, h2");
  heading?.setAttribute("tabindex", "-1");
  (body.querySelector("[autofocus]") ?? heading)?.focus();
}

function showCopyButtons(within) {
  for (const button of within.querySelectorAll("button.copy")) button.hidden = false;
}

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.matches("dialog")) openWindow(elt);
  else if (elt.matches(".window-body")) focusWithin(elt);
  showCopyButtons(elt);
  if (elt.matches("#activation, #request")) announceActivation(elt);
  if (elt.dataset.announce) announce(elt.dataset.announce);
});

function announceActivation(activation) {
  const steps = activation.querySelectorAll(".step:not(.skeleton)");
  const outcomes = [...activation.querySelectorAll(".status h3")].map((each) => each.textContent);
  const running = activation.hasAttribute("hx-get");
  announce(running ? (steps[steps.length - 1]?.textContent.trim() ?? "") : outcomes.join(" "));
}

document.addEventListener("click", (event) => {
  const closer = event.target.closest("dialog [data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
    return;
  }
  const copy = event.target.closest("button.copy");
  if (copy) copyText(copy);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
    else if (event.target.closest("a, button")) closeMenu(menu);
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
  if (!menu) return;
  closeMenu(menu);
});

// What was chosen in a menu vanishes with it; its title takes the focus, also when a window that
// was opened from there gives it back.
function closeMenu(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}

async function copyText(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Failed";
  }
  announce(button.textContent);
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

// Told before it is sent: the front cuts the connection of what is far too large.
document.addEventListener("change", ({ target }) => {
  if (!target.dataset.mostBytes) return;
  const size = [...target.files].reduce((sum, file) => sum + file.size, 0);
  const tooLarge = size > Number(target.dataset.mostBytes);
  target.setCustomValidity(tooLarge ? "This file is larger than any certificate file." : "");
  target.reportValidity();
});

// A form that is pressed twice is sent once.
document.addEventListener("htmx:confirm", (event) => {
  if (event.target.dataset.sending) event.preventDefault();
});
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target.matches('form[method="post"]')) target.dataset.sending = "yes";
});
document.addEventListener("htmx:afterRequest", ({ target }) => {
  delete target.dataset.sending;
});

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    document.getElementById("connection-lost").hidden = false;
  });
}
