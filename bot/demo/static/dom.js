// Small ways to build elements. Text always goes in as text, never as markup.

export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (key === "hidden") node.hidden = true;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const ICONS = {
  back: "M15 5l-7 7 7 7",
  more: "M12 6.5v.01M12 12v.01M12 17.5v.01",
  menu: "M4 7h16M4 12h16M4 17h10",
  clip: "M20 11.5l-8.2 8.2a5 5 0 0 1-7-7l8.6-8.7a3.4 3.4 0 0 1 4.8 4.8l-8.6 8.6a1.7 1.7 0 0 1-2.4-2.4l7.9-7.9",
  send: "M4 12l16-8-6 16-3-6.5z",
  link: "M8 16L17 7M10 7h7v7",
  copy: "M9 9h10v10H9zM5 15V5h10",
  phone: "M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3zM11 18h2",
  close: "M6 6l12 12M18 6L6 18",
  down: "M5 9l7 7 7-7",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// A menu that opens at a button: arrows move, Escape and Tab close, focus returns to the button.
// In a host that scrolls it could be cut off; with `floating` it finds its own place within the host.
export function openMenu(button, host, items, label, floating = false) {
  if (button.getAttribute("aria-expanded") === "true") return null;
  const menu = el("div", { class: "menu", role: "menu", "aria-label": label });
  const close = (refocus) => {
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    if (refocus) button.focus();
  };
  const outside = (event) => {
    if (!menu.contains(event.target) && !button.contains(event.target)) close(false);
  };
  for (const item of items) {
    menu.append(el("button", {
      type: "button", role: "menuitem", tabindex: "-1", "data-testid": item.id,
      on: { click: () => { close(true); item.act(); } },
    }, el("span", { class: "menu-main" }, item.label), item.about ? el("span", { class: "menu-about" }, item.about) : null));
  }
  menu.addEventListener("keydown", (event) => step(event, menu, close));
  button.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  host.append(menu);
  if (floating) place(menu, button, host);
  menu.querySelector("[role=menuitem]")?.focus();
  return menu;
}

// A picture over the whole page; any click and Escape close it, and focus returns to where it was opened.
export function enlarge(picture, label, from) {
  const close = el("button", { type: "button", class: "icon-button", "aria-label": label }, icon("close"));
  const dialog = el("dialog", { class: "enlarged", "aria-label": picture.alt, "data-testid": "enlarged" }, picture, close);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { dialog.remove(); from.focus(); });
  document.body.append(dialog);
  dialog.showModal();
}

function place(menu, button, host) {
  menu.classList.add("floating");
  const [within, at] = [host.getBoundingClientRect(), button.getBoundingClientRect()];
  const below = at.bottom - within.top + 2;
  const fits = below + menu.offsetHeight < within.height - 80; // the foot of the chat stays free
  const left = at.left - within.left;
  menu.style.top = `${fits ? below : at.top - within.top - menu.offsetHeight - 2}px`;
  menu.style.left = `${Math.max(6, Math.min(left, within.width - menu.offsetWidth - 8))}px`;
}

function step(event, menu, close) {
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  const here = items.indexOf(document.activeElement);
  const moves = { ArrowDown: here + 1, ArrowUp: here - 1 + items.length, Home: 0, End: items.length - 1 };
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    close(true);
  } else if (event.key in moves) {
    event.preventDefault();
    items[moves[event.key] % items.length].focus();
  }
}

// A row of buttons of which one is pressed. `draw` is called with the chosen value.
export function choice(host, options, chosen, draw) {
  host.replaceChildren(...options.map(({ value, label, lang, id }) => el("button", {
    type: "button", "aria-pressed": String(value === chosen), "data-value": value, "data-testid": id, lang,
    on: { click: () => draw(value) },
  }, label)));
}
