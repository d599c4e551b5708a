// One message: a bubble with formatted text, its time, and its buttons below.

import { el, enlarge, icon, openMenu } from "./dom.js";
import { clock, word } from "./words.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "code",
  blockquote: "q", expandable_blockquote: "q",
};
const PICTURES = { photo: "🖼️", voice: "🎤", sticker: "👋", location: "📍", document: "📄" };

export function drawMessage(message, chat, room) {
  if (message.about.length) return notice(message, room);
  const mine = !message.sender.bot && (room.private || message.sender.id === room.actor);
  const lang = room.language;
  const bubble = el("div", { class: "bubble" });
  if (!room.private && !mine) bubble.append(el("p", { class: `name tint-${message.sender.bot ? "bot" : message.sender.id % 5}` }, message.sender.name));
  if (message.reply) {
    bubble.append(el("blockquote", { class: "replied" }, el("b", {}, message.reply.name), el("span", {}, message.reply.text)));
  }
  if (message.kind !== "text") bubble.append(media(message, room));
  bubble.append(el("p", { class: "text", hidden: !message.text }, ...message.parts.map((part) => drawPart(part, room))));
  bubble.append(meta(message, lang));
  const item = el("article", {
    class: `message ${mine ? "mine" : "theirs"} ${message.sender.bot ? "of-bot" : ""}`, tabindex: "-1",
    "data-testid": "message", "data-id": message.id, "data-protected": message.protected,
    "data-edited": message.edited, "aria-label": message.sender.name,
  }, bubble, message.rows.length ? keyboard(message, room) : null, actions(message, mine, room));
  return item;
}

// Who came and who went: no bubble, because nobody said it.
function notice(message, room) {
  return el("p", { class: "day notice-in-log", "data-testid": "notice" },
    word(room.language, message.kind, { name: message.about.join(", ") }));
}

function media(message, room) {
  const lang = room.language;
  if (message.picture) return photo(message, room);
  const name = message.file || word(lang, message.kind === "document" ? "file" : message.kind);
  const about = message.document
    ? { href: `/demo/files/${message.document}`, download: name, "data-testid": "document" } : {};
  return el(message.document ? "a" : "p", { class: `media media-${message.kind}`, ...about },
    el("span", { class: "picture", "aria-hidden": "true" }, PICTURES[message.kind] ?? "📄"), el("span", {}, name));
}

function photo(message, room) {
  const lang = room.language;
  const { id, width, height } = message.picture;
  const shown = (on) => el("img", { src: `/demo/pictures/${id}`, width, height, alt: message.text || word(lang, "photo"), on });
  return el("button", {
    type: "button", class: "photo", "data-testid": "photo", "aria-haspopup": "dialog", title: word(lang, "enlarge"),
    on: { click: (event) => enlarge(shown(), word(lang, "close"), event.currentTarget) },
  }, shown({ load: () => room.log.measure() }));
}

function meta(message, lang) {
  const time = el("time", { datetime: new Date(message.at * 1000).toISOString() }, clock(lang, message.at));
  return el("p", { class: "meta" }, message.edited ? el("span", { class: "edited" }, word(lang, "edited")) : null, time);
}

function drawPart(part, room) {
  let node = document.createTextNode(part.text);
  for (const mark of part.marks) {
    if (TAGS[mark.type]) node = el(TAGS[mark.type], { class: mark.type }, node);
    else if (mark.type === "spoiler") node = spoiler(node);
    else if (mark.type === "bot_command") node = inText(node, () => room.say(part.text));
    else if (mark.type === "text_link" || mark.type === "url" || mark.type === "email") {
      node = inText(node, () => room.toast(word(room.language, "would-open", { url: mark.url ?? part.text })));
    }
  }
  return node;
}

function inText(node, act) {
  return el("button", { type: "button", class: "in-text", on: { click: act } }, node);
}

function spoiler(node) {
  const cover = el("button", { type: "button", class: "spoiler", "aria-expanded": "false" }, node);
  cover.addEventListener("click", () => cover.setAttribute("aria-expanded", "true"));
  return cover;
}

function keyboard(message, room) {
  return el("div", { class: "keyboard", role: "group" }, ...message.rows.map((row) =>
    el("div", { class: "row" }, ...row.map((button) => drawButton(button, message, room)))));
}

function drawButton(button, message, room) {
  const lang = room.language;
  const busy = button.waiting.includes(room.actor);
  const acts = {
    callback_data: () => room.tap(message.id, button.value),
    url: () => room.toast(word(lang, "would-open", { url: button.value })),
    copy_text: () => room.copy(button.value),
  };
  const hints = { url: ["link", "opens"], copy_text: ["copy", "copies"] };
  const hint = hints[button.action];
  return el("button", {
    type: "button", class: `key ${button.style ? `key-${button.style}` : ""}`, "data-testid": "button",
    "data-action": button.action, "aria-busy": busy ? "true" : undefined, on: { click: acts[button.action] },
  },
  el("span", { class: "label" }, button.label),
  hint ? icon(hint[0]) : null,
  hint ? el("span", { class: "unseen" }, ` (${word(lang, hint[1])})`) : null,
  busy ? el("span", { class: "unseen" }, ` (${word(lang, "sending")})`) : null);
}

function actions(message, mine, room) {
  const lang = room.language;
  const items = [{ id: "reply", label: word(lang, "reply"), act: () => room.reply(message) }];
  if (mine && message.kind === "text") items.push({ id: "edit", label: word(lang, "edit"), act: () => room.edit(message) });
  if (!message.protected && message.text) items.push({ id: "copy", label: word(lang, "copy"), act: () => room.copy(message.text) });
  const button = el("button", {
    type: "button", class: "act", "aria-haspopup": "menu", "aria-expanded": "false", "data-testid": "actions",
    "aria-label": word(lang, "actions"), on: { click: () => openMenu(button, room.screen, items, word(lang, "actions"), true) },
  }, icon("more"));
  return el("div", { class: "actions" }, button);
}
