// The list of messages of one chat: what changed is redrawn in place, and neither focus nor place is lost.

import { el } from "./dom.js";
import { drawMessage } from "./message.js";
import { day } from "./words.js";

const NEAR = 80;

export class Log {
  constructor(node, room) {
    this.node = node;
    this.room = room;
    this.drawn = new Map();
    this.look = null;
    // What fits in a line is known only once the log has a size, and again whenever that changes.
    new ResizeObserver(() => this.measure()).observe(node);
  }

  measure() {
    if (this.follows !== false) this.toEnd();
    this.markCut();
  }

  get atEnd() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR;
  }

  toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
  }

  draw(chat) {
    const follow = this.follows = this.atEnd;
    const look = `${this.room.language} ${this.room.actor}`;
    if (look !== this.look) this.drawn.forEach((one) => { one.as = null; });
    this.look = look;
    this.forget(new Set(chat.messages.map((one) => one.id)));
    let fresh = 0;
    let before = null;
    for (const message of chat.messages) {
      fresh += this.show(message, chat, before) ? 1 : 0;
      before = this.drawn.get(message.id).node;
    }
    this.days(chat);
    this.markCut();
    if (follow) this.toEnd();
    return fresh;
  }

  forget(kept) {
    for (const [id, one] of this.drawn) {
      if (kept.has(id)) continue;
      if (one.node.contains(document.activeElement)) this.node.focus();
      one.node.remove();
      this.drawn.delete(id);
    }
  }

  show(message, chat, before) {
    const as = JSON.stringify(message);
    const old = this.drawn.get(message.id);
    if (old?.as === as) return false;
    const node = drawMessage(message, chat, this.room);
    this.drawn.set(message.id, { as, node });
    if (!old) {
      if (before) before.after(node);
      else this.node.append(node);
      return true;
    }
    this.swap(old.node, node, message.edited);
    return false;
  }

  swap(old, node, changed) {
    const keys = [...old.querySelectorAll(".key")];
    const at = keys.indexOf(document.activeElement);
    const within = old.contains(document.activeElement);
    const same = old.querySelector(".text")?.textContent === node.querySelector(".text")?.textContent;
    old.replaceWith(node);
    if (changed && !same) node.classList.add("replaced");
    if (!within) return;
    // The same keyboard with a spinner keeps its button; a new screen is read from its beginning.
    const target = same && at >= 0 ? node.querySelectorAll(".key")[at] : node;
    (target ?? node).focus({ preventScroll: true });
  }

  // Telegram shows one line of a label and cuts the rest; whoever checks the texts must be able to find that.
  markCut() {
    for (const label of this.node.querySelectorAll(".label")) {
      const cut = label.scrollWidth > label.clientWidth;
      label.closest(".key").toggleAttribute("data-cut", cut);
      label.title = cut ? label.textContent : "";
    }
  }

  days(chat) {
    this.node.querySelectorAll(".date").forEach((one) => one.remove());
    let last = "";
    for (const message of chat.messages) {
      const now = day(this.room.language, message.at);
      if (now !== last) this.drawn.get(message.id).node.before(el("p", { class: "day date", "aria-hidden": "true" }, now));
      last = now;
    }
  }
}
