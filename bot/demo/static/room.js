// One chat with everything around it: a participant's phone, or a coordinators' group.

import { Composer } from "./composer.js";
import { el, icon, openMenu } from "./dom.js";
import { deed } from "./live.js";
import { Log } from "./log.js";
import { word } from "./words.js";

const TOAST_FOR = 4500;
const TYPING_AFTER = 350;
const TYPING_AT_MOST = 20000;

export class Room {
  constructor(chat, { language, news }) {
    this.chat = chat;
    this.private = chat.kind === "private";
    this.pageLanguage = language;
    this.news = news;
    this.actor = chat.people[0]?.id;
    this.payload = "";
    this.toasted = Math.max(0, ...chat.toasts.map((one) => one.number));
    this.first = true;
    this.build();
    this.update(chat);
  }

  // A phone speaks its owner's language; a group speaks the language of the page.
  get language() {
    return this.private ? this.chat.language : this.pageLanguage();
  }

  say(text) {
    return this.do("write", { text });
  }

  tap(message, data) {
    return this.do("tap", { message, data });
  }

  reply(message) {
    this.composer.answer(message);
  }

  edit(message) {
    this.composer.rewrite(message);
  }

  async do(name, wish = {}) {
    const done = await deed(this.chat.id, name, { person: this.actor, ...wish });
    if (!done) this.toast(word(this.language, "failed"));
    else this.log.toEnd();
    return done;
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.toast(word(this.language, "copied"));
    } catch {
      this.toast(word(this.language, "copy-failed", { text }));
    }
  }

  toast(text) {
    const shown = el("p", { class: "toast", "data-testid": "toast" }, text);
    this.toasts.append(shown);
    setTimeout(() => shown.remove(), TOAST_FOR);
  }

  alert(text) {
    const before = document.activeElement;
    const close = () => { veil.remove(); before?.focus(); };
    const ok = el("button", { type: "button", class: "ok", on: { click: close } }, word(this.language, "ok"));
    const veil = el("div", { class: "veil" }, el("div", {
      class: "alert", role: "alertdialog", "aria-modal": "true", "aria-label": text, "data-testid": "alert",
    }, el("p", {}, text), ok));
    veil.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "Tab") event.preventDefault();
    });
    this.screen.append(veil);
    ok.focus();
  }

  build() {
    const kind = this.private ? "phone" : "room";
    this.header = el("header", { class: "chat-head" });
    this.logNode = el("div", {
      class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions text", tabindex: "0", "data-testid": "log",
    });
    this.empty = el("div", { class: "empty" });
    this.typing = el("p", { class: "typing", hidden: true, "data-testid": "typing" }, el("span"), el("span"), el("span"));
    this.toasts = el("div", { class: "toasts", role: "status" });
    this.footer = el("footer", { class: "composer" });
    this.screen = el("div", { class: "screen" }, this.header, this.logNode, this.empty, this.typing, this.toasts, this.footer);
    this.caption = el("h3", { class: "caption" });
    this.node = el("section", {
      class: `frame ${kind}`, "data-testid": kind, "data-chat": this.chat.id,
    }, this.caption, this.screen);
    this.log = new Log(this.logNode, this);
    this.composer = new Composer(this.footer, this);
  }

  update(chat) {
    this.chat = chat;
    this.screen.lang = this.language;
    this.drawFrame();
    this.drawHeader();
    this.drawEmpty();
    const fresh = this.log.draw(chat);
    this.composer.draw();
    this.drawTyping();
    this.drawToasts();
    if (fresh && !this.first) this.news(this, fresh);
    if (this.first) this.log.toEnd();
    this.first = false;
  }

  drawFrame() {
    const page = this.pageLanguage();
    const name = word(page, this.private ? "phone" : "room", { name: this.chat.title });
    this.node.setAttribute("aria-label", name);
    this.logNode.setAttribute("aria-label", word(this.language, "log", { name: this.private ? this.chat.bot.name : this.chat.title }));
    const about = this.private ? word(page, `phone-language-${this.chat.language}`) : "";
    this.caption.replaceChildren(this.chat.title, about ? el("span", {}, ` · ${about}`) : "");
    this.caption.hidden = !this.private;
  }

  drawHeader() {
    const { chat, language } = this;
    const title = this.private ? chat.bot.name : chat.title;
    const busy = this.private && this.showsTyping;
    const below = this.private ? word(language, busy ? "typing" : "bot") : word(language, "members", { count: chat.people.length + (chat.bot.here ? 1 : 0) });
    const look = JSON.stringify([title, below, language, chat.blocked, chat.started]);
    if (look === this.headLook) return;
    this.headLook = look;
    if (!this.headName) this.buildHeader();
    this.headAvatar.textContent = title.replace(/.*· /, "").slice(0, 1);
    this.headName.textContent = title;
    this.headBelow.textContent = below;
    this.more?.setAttribute("aria-label", word(language, "more"));
  }

  buildHeader() {
    this.headAvatar = el("span", { class: "avatar", "aria-hidden": "true" });
    this.headName = el("p", { class: "head-name" });
    this.headBelow = el("p", { class: "head-below" });
    this.header.append(this.headAvatar, el("div", {}, this.headName, this.headBelow));
    if (!this.private) return;
    this.more = el("button", {
      type: "button", class: "icon-button", "aria-haspopup": "menu", "aria-expanded": "false", "data-testid": "more",
      on: { click: () => openMenu(this.more, this.header, this.moreItems(), word(this.language, "more")) },
    }, icon("more"));
    this.header.append(this.more);
  }

  moreItems() {
    const other = this.language === "fr" ? "en" : "fr";
    const items = [
      { id: "speak", label: word(this.language, `speak-${other}`), act: () => this.do("speak", { language: other }) },
      { id: "link", label: word(this.language, "link"), act: () => this.composer.askLink() },
    ];
    if (!this.chat.started) return items;
    const block = this.chat.blocked ? "unblock" : "block";
    return [...items,
      { id: "clear", label: word(this.language, "clear"), act: () => this.do("clear") },
      { id: block, label: word(this.language, block), act: () => this.do(block) }];
  }

  drawEmpty() {
    const { chat, language } = this;
    this.empty.hidden = chat.messages.length > 0 || (this.private && !chat.description);
    const look = JSON.stringify([chat.description, language]);
    if (look === this.emptyLook) return;
    this.emptyLook = look;
    if (!this.private) this.empty.replaceChildren(el("p", { class: "pill" }, word(language, "empty-group")));
    else this.empty.replaceChildren(el("div", { class: "about", "data-testid": "description" },
      el("p", {}, el("b", {}, word(language, "empty"))), el("p", { class: "text" }, chat.description)));
  }

  drawTyping() {
    clearTimeout(this.typingTimer);
    if (!this.chat.waiting) {
      this.setTyping(false);
      return;
    }
    // An answer that comes at once needs no sign, and a bot that stays silent is not "typing" for ever.
    this.typingTimer = setTimeout(() => {
      this.setTyping(true);
      this.typingTimer = setTimeout(() => this.setTyping(false), TYPING_AT_MOST);
    }, TYPING_AFTER);
  }

  setTyping(on) {
    if (this.showsTyping === on) return;
    this.showsTyping = on;
    this.typing.hidden = !on;
    this.drawHeader();
  }

  drawToasts() {
    for (const one of this.chat.toasts) {
      if (one.number <= this.toasted) continue;
      this.toasted = one.number;
      if (!this.private && one.person !== this.actor) continue;
      if (one.alert) this.alert(one.text);
      else this.toast(one.text);
    }
  }
}
