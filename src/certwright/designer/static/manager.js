// Refines the Certificate Manager: keys and double clicks on rows, and what a reader is told.
"use strict";

function neighbour(row, key) {
  const rows = row.parentElement.children;
  return {
    ArrowDown: row.nextElementSibling,
    ArrowUp: row.previousElementSibling,
    Home: rows[0],
    End: rows[rows.length - 1],
  }[key];
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.id === "search" && event.key === "ArrowDown") {
    event.preventDefault();
    document.querySelector(".rows .open")?.focus();
    return;
  }
  const row = event.target.closest?.(".rows tbody tr");
  if (!row) return;
  const deleter = event.key === "Delete" && row.querySelector(".delete");
  const next = neighbour(row, event.key)?.querySelector(".open");
  if (!deleter && !next) return;
  event.preventDefault();
  if (deleter) deleter.click();
  else next.focus();
});

// Not by attributes of two hundred links, each of which htmx would look at again on every page.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".rows tbody a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  htmx.ajax("GET", link.href, {
    source: link, target: "body", swap: "beforeend", select: "dialog", push: "false",
  });
});

document.addEventListener("dblclick", ({ target }) => {
  const row = target.closest(".rows tbody tr");
  if (!row || target.closest("a")) return;
  getSelection().removeAllRanges();
  const link = row.querySelector(".open");
  link.focus();
  link.click();
});

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.id === "found") announce(elt.querySelector(".position").textContent);
});

// What the node could not do is told in a window; the list stays as it is.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "found" || detail.xhr.responseText.includes('id="found"')) return;
  detail.target = document.body;
  detail.swapOverride = "beforeend";
  detail.selectOverride = "dialog";
});
