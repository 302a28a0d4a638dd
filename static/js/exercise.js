// The exercise panel: it looks again by itself, and shows the control that comes next.
const slot = document.getElementById("exercise-slot");
const stateOf = () => document.getElementById("exercise-state");
const LOOKS_EVERY = 2000;

// What it says for those who do not see it stands where it is never swapped.
if (slot) {
  const said = document.createElement("p");
  said.id = "exercise-said";
  said.className = "slds-assistive-text";
  said.setAttribute("role", "status");
  slot.after(said);

  const look = () => stateOf()?.dispatchEvent(new Event("exercise-look"));
  setInterval(() => document.visibilityState === "visible" && look(), LOOKS_EVERY);
  // What was just changed is looked at at once.
  document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, elt } }) => {
    if (requestConfig.verb !== "get" && !elt.closest("#exercise-slot")) look();
  });

  // A control can be seen, or else what has to be opened before it can.
  const isShown = (element) => element.getClientRects().length > 0;
  const inReach = (element) => {
    if (isShown(element)) return element.labels?.[0] && element.type !== "text" && element.offsetWidth < 2 ? element.labels[0] : element;
    const summary = element.closest("details:not([open])")?.querySelector("summary");
    if (summary) return isShown(summary) ? summary : inReach(summary);
    return element.closest("#setup-tree") && inReach(document.getElementById("quick-find"));
  };
  // The tree has some pages twice: the one that can be seen, before one that cannot.
  const firstInReach = (elements) => {
    const shown = elements.find(isShown);
    return shown ? inReach(shown) : elements.map(inReach).find(Boolean);
  };
  const holdsIt = (field, holds) => {
    if (typeof holds === "boolean") return field.checked === holds;
    const chosen = field.closest("[data-lookup]")?.querySelector("input[type=hidden]");
    if (chosen && !chosen.value) return false;
    return holds === "" ? field.value !== "" : field.value === holds;
  };
  const controlIn = (scope, { at }) => {
    for (const { at: selector, holds } of at.filter((it) => CSS.supports(`selector(${it.at})`))) {
      const elements = [...scope.querySelectorAll(selector)];
      const control = firstInReach(elements.filter((it) => holds === null || !holdsIt(it, holds)));
      if (control) return control;
    }
  };
  const wayTo = (addresses) => {
    for (const address of addresses) {
      if (location.pathname === address) return null;
      for (const place of ["#main", "#setup-nav"]) {
        const control = firstInReach([...document.querySelectorAll(`${place} a[href="${address}"]`)]);
        if (control) return control;
      }
    }
  };
  // From the state and the page alone: whatever somebody did instead, it is still right.
  const findNext = () => {
    const { pointer } = stateOf()?.dataset ?? {};
    if (!pointer) return null;
    const next = JSON.parse(pointer);
    const dialog = document.querySelector("dialog[open]");
    if (dialog) return controlIn(dialog, next);
    const isThere = location.pathname.startsWith(next.open || "/");
    return (isThere && controlIn(document, next)) || wayTo([next.open, ...next.via]);
  };

  let isWaiting = false;
  const point = () => {
    isWaiting = false;
    const next = findNext();
    for (const old of document.querySelectorAll(".exercise-next")) if (old !== next) old.classList.remove("exercise-next");
    if (!next || next.classList.contains("exercise-next")) return;
    next.classList.add("exercise-next");
    // A table that is wider than its place shows it too; the page itself stays where it is.
    const table = next.closest(".table-scroll");
    if (!table) return;
    const [control, edge] = [next, table].map((it) => it.getBoundingClientRect());
    table.scrollLeft += Math.max(0, control.right + 8 - edge.right) || Math.min(0, control.left - 8 - edge.left);
  };
  const pointSoon = () => {
    if (!isWaiting) requestAnimationFrame(point);
    isWaiting = true;
  };
  new MutationObserver(pointSoon).observe(document.body, {
    childList: true, subtree: true, attributeFilter: ["open", "hidden", "aria-expanded", "value", "data-pointer"],
  });
  for (const name of ["input", "change", "lookup-changed"]) document.addEventListener(name, pointSoon);
  pointSoon();
}
