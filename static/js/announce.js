// Screen readers announce how many rows a list has, or options a lookup, after each search.
// They also announce the result that an answer has.
const announcer = document.getElementById("announcer");
const COUNT = "[id$=-summary]";
const counts = new Map([...document.querySelectorAll(COUNT)].map((each) => [each.id, each.textContent]));

document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  if (!announcer || !elt.isConnected) return;
  if (elt.matches("[data-listbox]")) {
    const count = elt.querySelectorAll("[role=option]").length;
    if (count) announcer.textContent = count === 1 ? "1 option" : `${count} options`;
    return;
  }
  const result = elt.querySelector("[data-announce]");
  if (result) announcer.textContent = result.textContent.trim();
  const count = elt.querySelector(COUNT);
  if (!count || counts.get(count.id) === count.textContent) return;
  counts.set(count.id, count.textContent);
  announcer.textContent = count.textContent;
});
