// Refines the certificate window, import and export, which work without it.
"use strict";

// Find in the details: rows without the text are hidden, and sections without rows.
document.addEventListener("input", ({ target }) => {
  if (!target.dataset?.filter) return;
  const wanted = target.value.trim().toLowerCase();
  const body = target.closest(".window-body");
  let found = 0;
  for (const section of body.querySelectorAll(".detail-section:not(.raw)")) {
    const title = section.querySelector("h3").textContent.toLowerCase();
    let shown = 0;
    for (const row of section.querySelectorAll(target.dataset.filter)) {
      row.hidden = !(title + row.textContent.toLowerCase()).includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    section.hidden = shown === 0 && wanted !== "";
    found += shown;
  }
  body.querySelector("[data-filter-empty]").hidden = found > 0;
});

// What was changed in a window over a list is shown in the list when the window is closed.
document.addEventListener("close", ({ target }) => {
  if (target.querySelector("[data-reload-on-close]")) location.reload();
}, true);

// The second password is held against the first while it is typed.
document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form");
  const repeated = form?.querySelector("[data-repeats]");
  if (!repeated) return;
  const first = form.elements[repeated.dataset.repeats];
  const differs = repeated.value !== "" && repeated.value !== first.value;
  repeated.setCustomValidity(differs ? "The two passwords differ." : "");
});

// Drag and drop: the window for the files is opened with those that were dropped, and sent.
let dropped = null;
const dropZone = document.querySelector("[data-import]");

function carriesFiles(event) {
  return dropZone && event.dataTransfer?.types.includes("Files");
}

document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  document.body.classList.add("dropping");
});
for (const over of ["dragleave", "dragend"]) {
  document.addEventListener(over, (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
}
document.addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  document.body.classList.remove("dropping");
  const open = document.querySelector("dialog[open]");
  const field = (open ?? document).querySelector("[data-drop-files]");
  if (field) send(field, event.dataTransfer.files);
  if (open || field) return;
  dropped = event.dataTransfer.files;
  htmx.ajax("GET", dropZone.dataset.import, {
    target: "body", swap: "beforeend", select: "dialog",
  });
});
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  for (const filter of elt.querySelectorAll(".filter")) filter.hidden = false;
  const field = elt.querySelector("[data-drop-files]");
  if (dropped && field) send(field, dropped);
});

function send(field, files) {
  dropped = null;
  field.files = files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  if (field.checkValidity()) field.form.requestSubmit();
}
