// The page: switches, the two sides, and one room for each chat the stand-in tells about.

import { choice, el } from "./dom.js";
import { addParticipant, listen } from "./live.js";
import { Room } from "./room.js";
import { LANGUAGES, loadWords, remember, remembered, word } from "./words.js";

const find = (id) => document.getElementById(id);
const rooms = new Map();
const news = new Map();
const shown = { private: null, group: null };
let language = remembered("language", navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en");
let theme = remembered("theme", "auto");
let side = "participants";

const speak = (key, values) => word(language, key, values);
const sideOf = (room) => (room.private ? "private" : "group");

function drawChrome() {
  document.documentElement.lang = language;
  document.documentElement.dataset.theme = theme;
  document.documentElement.dataset.side = side;
  document.title = speak("title");
  document.querySelectorAll("[data-word]").forEach((node) => { node.textContent = speak(node.dataset.word); });
  document.querySelectorAll("[data-name]").forEach((node) => node.setAttribute("aria-label", speak(node.dataset.name)));
  document.querySelectorAll("[data-add]").forEach((node) => {
    node.replaceChildren(el("span", { "aria-hidden": "true" }, "+ "), el("span", { class: "long" }, speak(`add-${node.dataset.add}`)), el("span", { class: "brief" }, node.dataset.add));
    node.setAttribute("aria-label", speak(`add-${node.dataset.add}`));
  });
  choice(find("languages"), Object.entries(LANGUAGES).map(([value, label]) => ({ value, label, lang: value, id: `language-${value}` })), language, setLanguage);
  choice(find("themes"), ["auto", "light", "dark"].map((value) => ({ value, label: speak(`theme-${value}`), id: `theme-${value}` })), theme, setTheme);
  drawPickers();
}

function drawPickers() {
  pick("sides", [["participants", speak("participants"), count("private")], ["groups", speak("groups"), count("group")]], side, setSide, "side");
  const all = [...rooms.values()];
  for (const [host, kind] of [["phone-picker", "private"], ["group-picker", "group"]]) {
    const own = all.filter((room) => sideOf(room) === kind && !room.chat.moved);
    pick(host, own.map((room) => [room.chat.id, short(room), news.get(room.chat.id) ?? 0, fullName(room)]), shown[kind], (id) => show(rooms.get(id)), kind);
  }
  find("nobody").hidden = all.some((room) => room.private);
}

// A group's tab says its place; a phone's says who, shortened to a number where there is no room.
function short(room) {
  if (!room.private) return room.title.replace(/.*· /, "");
  const [, before, number] = room.chat.title.match(/^(.*?)(\S+)$/);
  return el("span", {}, el("span", { class: "long" }, before), number, el("span", {}, ` · ${room.chat.language}`));
}

function fullName(room) {
  return room.private ? `${room.chat.title}, ${speak(`phone-language-${room.chat.language}`)}` : room.title;
}

// Which of several things is shown; a count says what is new in the others.
function pick(host, options, chosen, act, kind) {
  const focused = find(host).contains(document.activeElement) ? document.activeElement.dataset.value : null;
  find(host).replaceChildren(...options.map(([value, label, fresh, name]) => el("button", {
    type: "button", "aria-pressed": String(value === chosen), "data-value": value, "data-testid": `pick-${kind}`,
    "aria-label": name && (fresh ? `${name}, ${fresh} ${speak("news")}` : name), on: { click: () => act(value) },
  }, label, fresh ? el("span", { class: "badge", "data-testid": "badge" }, String(fresh), el("span", { class: "unseen" }, ` ${speak("news")}`)) : null)));
  if (focused) find(host).querySelector(`[data-value="${focused}"]`)?.focus();
}

function count(kind) {
  return [...news].reduce((sum, [id, fresh]) => sum + (rooms.get(id) && sideOf(rooms.get(id)) === kind ? fresh : 0), 0);
}

function visible(room) {
  return room.node.offsetParent !== null && document.visibilityState === "visible";
}

function show(room) {
  if (!room) return;
  shown[sideOf(room)] = room.chat.id;
  for (const one of rooms.values()) one.node.classList.toggle("chosen", shown[sideOf(one)] === one.chat.id);
  if (visible(room)) news.delete(room.chat.id);
  drawPickers();
  room.log.toEnd();
}

function setLanguage(value) {
  language = value;
  remember("language", value);
  drawChrome();
  rooms.forEach((room) => room.update(room.chat));
  document.querySelector(`#languages [data-value="${value}"]`).focus();
}

function setTheme(value) {
  theme = value;
  remember("theme", value);
  drawChrome();
  document.querySelector(`#themes [data-value="${value}"]`).focus();
}

function setSide(value) {
  side = value;
  drawChrome();
  show(rooms.get(shown[value === "groups" ? "group" : "private"]));
}

function onChat(chat) {
  const known = rooms.get(chat.id);
  if (known) {
    known.update(chat);
    drawPickers();
    return;
  }
  const room = new Room(chat, { language: () => language, news: onNews, reveal });
  rooms.set(chat.id, room);
  find(room.private ? "phones" : "rooms").append(room.node);
  if (takesOver(room)) show(room);
  else drawPickers();
  room.log.toEnd();
}

// Whether a chat should be shown because it is the first, or continues one that moved.
function takesOver(room) {
  const before = rooms.get(shown[sideOf(room)]);
  return !before || (before.chat.moved && before.chat.title === room.chat.title);
}

function onNews(room, fresh) {
  if (!visible(room)) news.set(room.chat.id, (news.get(room.chat.id) ?? 0) + fresh);
}

function onComplete(ids) {
  for (const [id, room] of rooms) {
    if (ids.includes(id)) continue;
    room.node.remove();
    rooms.delete(id);
  }
  document.documentElement.dataset.ready = "true";
}

// Shows a phone as soon as the stand-in tells about it.
function reveal(id) {
  const room = rooms.get(id);
  if (!room) { requestAnimationFrame(() => reveal(id)); return; }
  if (side !== "participants") setSide("participants");
  show(room);
  room.node.scrollIntoView({ block: "nearest", inline: "center" });
  room.node.querySelector("[data-testid=start], [data-testid=composer]")?.focus({ preventScroll: true });
}

async function begin() {
  await loadWords();
  drawChrome();
  document.querySelectorAll("[data-add]").forEach((node) => node.addEventListener("click", async () => {
    reveal(await addParticipant(node.dataset.add));
  }));
  listen({ chat: onChat, complete: onComplete, lost: (is) => { find("lost").hidden = !is; } });
}

begin();
