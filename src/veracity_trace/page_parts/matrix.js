"use strict";

const form = document.getElementById("filter");
const count = document.getElementById("count");
const rows = Array.from(document.querySelectorAll("#rows > details"), (element) => ({
  element,
  text: element.textContent.toLowerCase(),
}));

const FIELDS = ["section", "kind", "level", "status", "text"];

function filter() {
  const chosen = new FormData(form);
  const exact = FIELDS.filter((name) => name !== "text" && chosen.get(name));
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

// The address says what is chosen, so that a view can be kept and sent: #?section=3&kind=T
function keep() {
  const chosen = new FormData(form);
  const words = new URLSearchParams(FIELDS.map((name) => [name, chosen.get(name)]).filter(([, value]) => value));
  history.replaceState(null, "", words.size ? `#?${words}` : location.pathname);
}

// A link to a view chooses it; one to a ticket opens it, even when the filter hides it.
function openLinked() {
  if (location.hash.startsWith("#?")) {
    const words = new URLSearchParams(location.hash.slice(2));
    for (const name of FIELDS) form.elements[name].value = words.get(name) ?? "";
    filter();
    form.scrollIntoView();
    form.elements.section.focus({ preventScroll: true });
    return;
  }
  const linked = document.getElementById(location.hash.slice(1));
  if (!(linked instanceof HTMLDetailsElement)) return;
  linked.hidden = false;
  linked.open = true;
  linked.scrollIntoView();
  linked.querySelector("summary").focus();
}

form.addEventListener("input", () => {
  filter();
  keep();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () =>
  setTimeout(() => {
    filter(); // after the fields are empty
    keep();
  }),
);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
  event.preventDefault();
  form.elements.text.focus();
});
window.addEventListener("hashchange", openLinked);
filter(); // a browser may restore the fields of the last visit
openLinked();
