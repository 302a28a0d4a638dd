// Screen readers announce how many rows a list has, or options a lookup, after each search.
const announcer = document.getElementById("announcer");
const COUNT = "[id$=-summary]";
const counts = new Map([...document.querySelectorAll(COUNT)].map((each) => [each.id, each.textContent]));

const announce = (text) => {
  // In a dialog, everything else is silent.
  const dialog = document.querySelector("dialog:modal");
  (dialog ?? document.body).append(announcer);
  announcer.textContent = text;
};
document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  if (!announcer || !elt.isConnected) return;
  if (elt.matches("[data-listbox]")) {
    const count = elt.querySelectorAll("[role=option]").length;
    if (count) announce(count === 1 ? "1 option" : `${count} options`);
    return;
  }
  const count = elt.querySelector(COUNT);
  if (!count || counts.get(count.id) === count.textContent) return;
  counts.set(count.id, count.textContent);
  announce(count.textContent);
});
