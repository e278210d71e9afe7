"use strict";

const form = document.getElementById("filter");
const count = document.getElementById("count");
const rows = Array.from(document.querySelectorAll("#rows > details"), (element) => ({
  element,
  text: element.textContent.toLowerCase(),
}));

function filter() {
  const chosen = new FormData(form);
  const exact = ["section", "kind", "level", "status"].filter((name) => chosen.get(name));
  const words = chosen.get("text").toLowerCase().split(/\s+/);
  let shown = 0;
  for (const { element, text } of rows) {
    const fits =
      exact.every((name) => element.dataset[name] === chosen.get(name)) && words.every((word) => text.includes(word));
    element.hidden = !fits;
    shown += fits;
  }
  count.textContent = shown === rows.length ? `${shown} tickets` : `${shown} of ${rows.length} tickets`;
}

// A link to a ticket opens it, even when the filter hides it.
function openLinked() {
  const linked = document.getElementById(location.hash.slice(1));
  if (!(linked instanceof HTMLDetailsElement)) return;
  linked.hidden = false;
  linked.open = true;
  linked.scrollIntoView();
  linked.querySelector("summary").focus();
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter)); // after the fields are empty
window.addEventListener("hashchange", openLinked);
filter(); // a browser may restore the fields of the last visit
openLinked();
