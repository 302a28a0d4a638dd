// The exercise panel polls its state and highlights the control that the user needs next.
const slot = document.getElementById("exercise-slot");
const stateOf = () => document.getElementById("exercise-state");
const POLL_INTERVAL = 2000;

if (slot) {
  // The text for screen readers is outside the panel, so that it's never swapped.
  const announcement = document.createElement("p");
  announcement.id = "exercise-said";
  announcement.className = "slds-assistive-text";
  announcement.setAttribute("role", "status");
  slot.after(announcement);

  const poll = () => stateOf()?.dispatchEvent(new Event("exercise-look"));
  setInterval(() => document.visibilityState === "visible" && poll(), POLL_INTERVAL);
  // After a change, don't wait for the next poll.
  document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, elt } }) => {
    if (requestConfig.verb !== "get" && !elt.closest("#exercise-slot")) poll();
  });

  const isShown = (element) => element.getClientRects().length > 0;
  // Checkboxes and radio buttons are invisible. Their labels show them.
  const visiblePartOf = (element) => {
    const isInvisible = element.type !== "text" && element.offsetWidth < 2;
    return (isInvisible && element.labels?.[0]) || element;
  };
  // Return the element if it's shown, or else the control that reveals it.
  const inReach = (element) => {
    if (isShown(element)) return visiblePartOf(element);
    const summary = element.closest("details:not([open])")?.querySelector("summary");
    if (summary) return isShown(summary) ? summary : inReach(summary);
    return element.closest("#setup-tree") && inReach(document.getElementById("quick-find"));
  };
  // The Setup tree lists some pages twice. Prefer the entry that's shown.
  const firstInReach = (elements) => {
    const shown = elements.find(isShown);
    return shown ? inReach(shown) : elements.map(inReach).find(Boolean);
  };
  // `holds` is the value that a field needs; an empty text means any value.
  const hasValue = (field, holds) => {
    if (typeof holds === "boolean") return field.checked === holds;
    const chosen = field.closest("[data-lookup]")?.querySelector("input[type=hidden]");
    if (chosen && !chosen.value) return false;
    return holds === "" ? field.value !== "" : field.value === holds;
  };
  const controlIn = (scope, { at: targets }) => {
    for (const { at: selector, holds } of targets) {
      if (!CSS.supports(`selector(${selector})`)) continue;
      const elements = [...scope.querySelectorAll(selector)];
      const open = elements.filter((field) => holds === null || !hasValue(field, holds));
      const control = firstInReach(open);
      if (control) return control;
    }
  };
  const linkToOneOf = (paths) => {
    for (const path of paths) {
      if (location.pathname === path) return null;
      for (const region of ["#main", "#setup-nav"]) {
        const links = document.querySelectorAll(`${region} a[href="${path}"]`);
        const control = firstInReach([...links]);
        if (control) return control;
      }
    }
  };
  // Derive the next control only from the state and the page, so that detours don't matter.
  const findNext = () => {
    const { pointer } = stateOf()?.dataset ?? {};
    if (!pointer) return null;
    const next = JSON.parse(pointer);
    const dialog = document.querySelector("dialog[open]");
    if (dialog) return controlIn(dialog, next);
    // A step can be done in a dialog, whose address is that of the page beneath it.
    const [page] = next.open.split("?");
    const isThere = location.pathname.startsWith(page || "/");
    return (isThere && controlIn(document, next)) || linkToOneOf([page, ...next.via]);
  };

  let isWaiting = false;
  const point = () => {
    isWaiting = false;
    const next = findNext();
    for (const old of document.querySelectorAll(".exercise-next"))
      if (old !== next) old.classList.remove("exercise-next");
    if (!next || next.classList.contains("exercise-next")) return;
    next.classList.add("exercise-next");
    // Scroll only if the panel covers the control. CSS keeps room for the panel.
    const panel = document.getElementById("exercise-slot");
    const [control, cover] = [next, panel].map((element) => element.getBoundingClientRect());
    const isCovered = control.top < cover.bottom && control.bottom > cover.top &&
      control.left < cover.right && control.right > cover.left;
    if (isCovered && !panel.contains(next)) next.scrollIntoView({ block: "nearest" });
  };
  const pointSoon = () => {
    if (!isWaiting) requestAnimationFrame(point);
    isWaiting = true;
  };
  new MutationObserver(pointSoon).observe(document.body, {
    childList: true,
    subtree: true,
    attributeFilter: ["open", "hidden", "aria-expanded", "value", "data-pointer"],
  });
  for (const name of ["input", "change", "lookup-changed"])
    document.addEventListener(name, pointSoon);
  pointSoon();
}
