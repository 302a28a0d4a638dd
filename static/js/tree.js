// The Setup tree's keyboard control (one tab stop, arrow keys), and Quick Find, which filters it.
const tree = document.getElementById("setup-tree");
const quickFind = document.getElementById("quick-find");

// The tab's Quick Find text. Pages without Quick Find, such as Log In, forget it.
const KEY = "quick-find";
const keep = (text) => sessionStorage.setItem(KEY, text);
const keptText = () => sessionStorage.getItem(KEY) ?? "";
if (!quickFind) keep("");

if (tree && quickFind) {
  const items = [...tree.querySelectorAll("[role=treeitem]")];
  const links = (item) => item.querySelector(":scope > .slds-tree__item a");
  const isBranch = (item) => item.hasAttribute("aria-expanded");
  const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
  const parentOf = (item) => item.parentElement.closest("[role=treeitem]");
  const isShown = (item) => !item.hidden && item.getClientRects().length > 0;
  const expand = (item, open) => item.setAttribute("aria-expanded", open);
  const opened = new Map(items.filter(isBranch).map((item) => [item, isOpen(item)]));

  // The only tab stop is the current page or the first item. Arrow keys move from there.
  const stopAt = (item) => {
    for (const other of items) other.tabIndex = other === item ? 0 : -1;
  };
  const focusOn = (item) => {
    if (!item) return;
    stopAt(item);
    item.focus();
  };
  for (const item of items) {
    const link = links(item);
    if (link) link.tabIndex = -1;
  }
  const current = tree.querySelector("[aria-selected=true]");
  stopAt(current ?? items[0]);
  // Scroll the tree, but not the page, to the current page's item.
  const nav = tree.closest(".setup__nav");
  if (current) nav.scrollTop = current.getBoundingClientRect().top - nav.clientHeight / 2;

  const toggle = (item) => {
    expand(item, !isOpen(item));
    opened.set(item, isOpen(item));
  };
  tree.addEventListener("click", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.target.closest("a")) return;
    if (isBranch(item)) toggle(item);
    focusOn(item);
  });
  tree.addEventListener("keydown", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const shown = items.filter(isShown),
      at = shown.indexOf(item);
    const actions = {
      ArrowDown: () => focusOn(shown[at + 1]),
      ArrowUp: () => focusOn(shown[at - 1]),
      Home: () => focusOn(shown[0]),
      End: () => focusOn(shown.at(-1)),
      ArrowRight: () => {
        if (!isBranch(item)) return;
        if (isOpen(item)) focusOn(shown[at + 1]);
        else toggle(item);
      },
      ArrowLeft: () => {
        if (isBranch(item) && isOpen(item)) toggle(item);
        else focusOn(parentOf(item));
      },
      Enter: () => (links(item) ? links(item).click() : toggle(item)),
      " ": () => (links(item) ? links(item).click() : toggle(item)),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });

  // Quick Find hides items that don't match, marks the matches, and opens their branches.
  // tokenx/web/navigation.py finds the same pages for Search Setup.
  const result = document.getElementById("quick-find-result");
  const elsewhere = document.getElementById("quick-find-elsewhere");
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim().replace(/\s+/g, " ");
  const labels = new Map(items.map((item) => [item, item.querySelector(".slds-tree__item-label")]));
  const synonyms = (item) => item.dataset.synonyms?.split("|") ?? [];

  const mark = (label, text) => {
    const name = label.textContent,
      start = text ? plain(name).indexOf(text) : -1,
      end = start + text.length;
    label.replaceChildren(name);
    if (start < 0) return false;
    const match = document.createElement("mark");
    match.textContent = name.slice(start, end);
    label.replaceChildren(name.slice(0, start), match, name.slice(end));
    return true;
  };
  // If nothing matches, each word is searched on its own, in any order, and in the singular.
  const hasWords = (item, text) => {
    const known = " " + [plain(labels.get(item).textContent), ...synonyms(item)].join(" ");
    return text.split(" ").every((word) => known.includes(" " + word.replace(/(?<=\w\w\w)s$/, "")));
  };
  const find = (text) => {
    const found = items.filter((item) => {
      const isMarked = mark(labels.get(item), text);
      return isMarked || (text && synonyms(item).some((phrase) => phrase.startsWith(text)));
    });
    return found.length ? found : items.filter((item) => text && !isBranch(item) && hasWords(item, text));
  };
  let first;
  const filter = () => {
    const text = plain(quickFind.value);
    const matches = find(text);
    const kept = new Set(matches);
    for (const item of matches) {
      for (let above = parentOf(item); above; above = parentOf(above)) kept.add(above);
      for (const below of item.querySelectorAll("[role=treeitem]")) kept.add(below);
    }
    for (const item of items) {
      item.hidden = Boolean(text) && !kept.has(item);
      if (isBranch(item)) expand(item, text ? kept.has(item) : opened.get(item));
    }
    for (const group of tree.querySelectorAll("[role=tree]")) {
      const isEmpty = ![...group.children].some((item) => !item.hidden);
      group.hidden = isEmpty;
      document.getElementById(group.getAttribute("aria-labelledby")).hidden = isEmpty;
    }
    tree.querySelector(".tree__home").hidden = Boolean(text);
    const shown = items.filter(isShown);
    stopAt(shown.find((item) => item === current) ?? shown[0]);
    const pages = shown.filter(links);
    first = pages.find((item) => labels.get(item).querySelector("mark")) ?? pages[0];
    const isNone = Boolean(text) && pages.length === 0;
    const count = pages.length === 1 ? "1 page found" : `${pages.length} pages found`;
    result.textContent = isNone ? `No pages match "${quickFind.value.trim()}".` : text ? count : "";
    result.classList.toggle("slds-assistive-text", !isNone);
    elsewhere.hidden = !isNone;
    elsewhere.querySelector("a").search = new URLSearchParams({ q: quickFind.value.trim() });
    tree.querySelector(".tree__legend").hidden = isNone;
    keep(quickFind.value);
  };
  quickFind.addEventListener("input", filter);
  quickFind.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && quickFind.value) {
      event.preventDefault();
      quickFind.value = "";
      filter();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      focusOn(quickFind.value.trim() ? first : items.find((item) => isShown(item) && links(item)));
    }
  });
  // Enter opens the first match. Without JavaScript, it submits the form.
  quickFind.form.addEventListener("submit", (event) => {
    if (!quickFind.value.trim() || !first) return;
    event.preventDefault();
    links(first).click();
  });
  // A link to Quick Find fills it with the query. Otherwise, it keeps its text from page to page.
  const query = new URLSearchParams(location.search).get("q") ?? "";
  if (location.hash === "#quick-find") quickFind.value = query;
  else quickFind.value ||= keptText();
  if (quickFind.value) filter();
}

// On a narrow screen, the tree is folded until the user opens it.
const folded = document.querySelector(".setup__tree-details");
if (folded) {
  const narrow = matchMedia("(max-width: 48em)");
  const fold = () => (folded.open = !narrow.matches);
  narrow.addEventListener("change", fold);
  fold();
  folded.dataset.ready = "";
}
